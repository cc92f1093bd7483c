"""Two contacts that are one person: find the other, see what is joined, choose whose facts stay, join."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from contacts.models import Contact
from contacts.selectors import contacts_matching
from contacts.services.merging import MergeRefused, merge_contacts, pairs_of
from contacts.views.erasing import counts_of
from schools.access import requires
from schools.roles import Right

FOUND = 10
_FACT = "fact-"


@requires(Right.MANAGE_CONTACTS)
@require_http_methods(["GET", "HEAD", "POST"])
def contact_merge(request: Any, token: str) -> HttpResponse:
    """Without `with` a search; with it both contacts side by side, and (POST) one of them."""
    contact = get_object_or_404(Contact.objects.known(), token=token)
    other_token = request.POST.get("with") or request.GET.get("with", "")
    if not other_token:
        return _search(request, contact)
    other = get_object_or_404(Contact.objects.known().exclude(pk=contact.pk), token=other_token)
    has_confirmed = bool(request.POST.get("confirmed"))
    if request.method == "POST" and has_confirmed:
        return _merged(request, contact, other)
    context = {
        "contact": contact,
        "other": other,
        "pairs": list(pairs_of(contact, other)),
        "counts": counts_of(other),
        "is_unconfirmed": request.method == "POST",
        "taken": _taken(request),
    }
    return render(request, "contacts/contact_merge.html", context)


def _search(request: Any, contact: Contact) -> HttpResponse:
    text = request.GET.get("q", "")[:200].strip()
    matching = contacts_matching(text, {}) if text else Contact.objects.none()
    found = matching.filter(erased_at=None).exclude(pk=contact.pk)
    context = {"contact": contact, "text": text, "found": found.order_by("-created_at", "-id")[:FOUND]}
    return render(request, "contacts/contact_merge_search.html", context)


def _merged(request: Any, contact: Contact, other: Contact) -> HttpResponse:
    try:
        merge_contacts(into=contact, other=other, actor=request.user, taken=_taken(request))
    except MergeRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The two contacts are one now."))
    return redirect("contacts:card", request.school.slug, contact.token)


def _taken(request: Any) -> list[str]:
    """The facts for which the other contact's words were chosen."""
    chosen = [name for name, value in request.POST.items() if name.startswith(_FACT) and value == "gone"]
    return [name.removeprefix(_FACT) for name in chosen]
