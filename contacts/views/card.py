"""Small changes on a contact's card: tags, lists, consent."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from contacts.models import Contact
from contacts.services import batches, consent
from contacts.services.batches import Change, Move
from contacts.views.undo import say_done
from kwiga.errors import DomainError
from schools.access import requires
from schools.roles import Right

_SAID = {
    Move.TAG: _("The tag is put on."),
    Move.UNTAG: _("The tag is taken off."),
    Move.LIST_ADD: _("Put in the list."),
    Move.LIST_REMOVE: _("Taken out of the list."),
}


@requires(Right.MANAGE_CONTACTS)
@require_POST
def contact_change(request: Any, token: str) -> HttpResponse:
    """Put on or take off one tag, put in or take out of one list."""
    contact = get_object_or_404(Contact.objects.known(), token=token)
    move = request.POST.get("do", "")
    if move in _SAID:
        change = Change(move=Move(move), tag=request.POST.get("tag", ""), list=request.POST.get("list", ""))
        _make(request, contact, change)
    return redirect("contacts:card", request.school.slug, token)


@requires(Right.MANAGE_CONTACTS)
@require_POST
def contact_consent(request: Any, token: str) -> HttpResponse:
    """Write down what the person told the team about news."""
    contact = get_object_or_404(Contact.objects.known(), token=token)
    if request.POST.get("do") == "subscribe":
        consent.subscribe(contact=contact, actor=request.user)
        messages.success(request, _("Written down: wants news."))
    elif request.POST.get("do") == "unsubscribe":
        consent.unsubscribe(contact=contact, actor=request.user)
        messages.success(request, _("Written down: wants no more news."))
    return redirect("contacts:card", request.school.slug, token)


def _make(request: Any, contact: Contact, change: Change) -> None:
    try:
        changed = batches.change_contacts(contacts=[contact], change=change, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        if changed:
            say_done(request, _SAID[change.move], change, changed)
