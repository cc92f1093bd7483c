"""Looking before leaping: who would have got it, and starting it by hand."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from automations.forms.automation import ByHandForm
from automations.selectors import rehearse
from automations.sentences import trigger_sentence
from automations.services.runs import start_for
from automations.views.editor import for_whom, found, shown_version
from automations.views.manage import rights_of
from contacts.emails import normalize_email
from contacts.models import Contact, ContactList
from contacts.selectors import members_of
from kwiga.errors import DomainError
from schools.access import requires
from schools.roles import Right

DAYS = 30


@requires(Right.VIEW_AUTOMATIONS)
@require_safe
def rehearsal(request: Any, token: str) -> HttpResponse:
    """Who would have got what the editor shows in the last 30 days; nothing is sent and nothing is written."""
    automation = found(token)
    version = shown_version(automation)
    context = {
        "automation": automation,
        "version": version,
        "start": trigger_sentence(version),
        "for_whom": for_whom(version),
        "days": DAYS,
        "found": rehearse(version, days=DAYS) if version.trigger else None,
    }
    return render(request, "automations/rehearsal.html", context | rights_of(request))


@requires(Right.MANAGE_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def by_hand(request: Any, token: str) -> HttpResponse:
    """Start it for everybody in a list, or for one person."""
    automation = found(token)
    form = ByHandForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and (contacts := _contacts(form)) is not None:
        try:
            count = start_for(automation=automation, contacts=contacts, actor=request.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            text = ngettext("It is started for %(count)d contact.", "It is started for %(count)d contacts.", count)
            messages.success(request, text % {"count": count})
            return redirect("automations:runs", request.school.slug, token)
    return render(request, "automations/by_hand.html", {"automation": automation, "form": form})


def _contacts(form: ByHandForm) -> Any:
    """Whom the form names; None with an error when nobody is found."""
    data = form.cleaned_data
    if token := data.get("contact_list"):
        group = ContactList.objects.filter(token=token, archived_at=None).first()
        if group is None:
            form.add_error("contact_list", _("This list is no longer there."))
            return None
        return members_of(group)
    person = Contact.objects.known().filter(email=normalize_email(data["contact"])).first()
    if person is None:
        form.add_error("contact", _("No contact has this email."))
        return None
    return [person]
