"""Undo for a while after a change of contacts that can be taken back: what was changed waits in the cache."""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from contacts.models import Contact
from contacts.services import batches
from contacts.services.batches import UNDOING, Change, Move
from kwiga.errors import DomainError
from kwiga.tokens import secret_token
from schools.access import requires
from schools.roles import Right

SECONDS = 30


def say_done(request: Any, sentence: Any, change: Change, changed: list[int]) -> None:
    """A toast with an Undo button for what was just done to these contacts."""
    name = secret_token()
    cache.set(_key(request, name), {"change": asdict(change), "contacts": changed}, SECONDS)
    messages.success(request, sentence, extra_tags=reverse("contacts:undo", args=[request.school.slug, name]))


@requires(Right.MANAGE_CONTACTS)
@require_POST
def undo(request: Any, name: str) -> HttpResponse:
    """Take it back, once, by who did it, for exactly those whom it changed."""
    kept = cache.get(_key(request, name))
    # Of two clicks only one deletes it.
    if kept is None or not cache.delete(_key(request, name)):
        messages.warning(request, _("This cannot be undone any more."))
        return redirect("contacts:list", request.school.slug)
    said = kept["change"]
    change = Change(**said | {"move": UNDOING[Move(said["move"])]})
    contacts = list(Contact.objects.filter(pk__in=kept["contacts"]).order_by("pk"))
    try:
        batches.change_contacts(contacts=contacts, change=change, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Undone."))
    return redirect("contacts:list", request.school.slug)


def _key(request: Any, name: str) -> str:
    return f"contacts-undo:{request.school.pk}:{request.user.pk}:{name}"
