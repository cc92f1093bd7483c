"""One change to many contacts: a thousand right away, any number through the outbox, piece by piece."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from contacts.finding import ContactFilter, contacts_fitting
from contacts.models import Contact, ContactList, ContactListMember, ContactTag
from contacts.services.consent import unsubscribe
from contacts.services.lists import add_members, remove_members
from contacts.services.tags import tag_contacts, untag_contacts
from kwiga import clock
from kwiga.errors import DomainError
from kwiga.tokens import address_token
from schools.models import OutboxRow, User
from schools.outbox.effects import TransactionalEffect, register
from schools.outbox.queue import enqueue

KIND = "contact_changes"
AT_ONCE = 1_000
PIECE = 500


class Move(StrEnum):
    """What can be done to many contacts."""

    TAG = "tag"
    UNTAG = "untag"
    LIST_ADD = "list_add"
    LIST_REMOVE = "list_remove"
    UNSUBSCRIBE = "unsubscribe"


UNDOING = {
    Move.TAG: Move.UNTAG,
    Move.UNTAG: Move.TAG,
    Move.LIST_ADD: Move.LIST_REMOVE,
    Move.LIST_REMOVE: Move.LIST_ADD,
}


class NoSuchList(DomainError):
    """The list is gone, or follows a filter."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A move with what it needs: the name of a tag, or the token of a list that is filled by hand."""

    move: Move
    tag: str = ""
    list: str = ""


@transaction.atomic
def change_contacts(*, contacts: Sequence[Contact], change: Change, actor: User | None) -> list[int]:
    """Make the change for these contacts; the ids of those it changed, the others had it. Raises NoTag, NoSuchList."""
    changed = [contact for contact in contacts if contact.pk in _open_to(contacts, change)]
    if change.move == Move.TAG:
        tag_contacts(contacts=changed, name=change.tag, actor=actor)
    elif change.move == Move.UNTAG:
        untag_contacts(contacts=changed, name=change.tag, actor=actor)
    elif change.move == Move.LIST_ADD:
        add_members(contact_list=_list(change.list), contacts=changed, actor=actor)
    elif change.move == Move.LIST_REMOVE:
        remove_members(contact_list=_list(change.list), contacts=changed, actor=actor)
    else:
        for contact in changed:
            unsubscribe(contact=contact, actor=actor)
    return [contact.pk for contact in changed]


@transaction.atomic
def change_fitting(*, wanted: ContactFilter, change: Change, actor: User | None) -> None:
    """Have everybody who fits now changed by the worker; who comes later is left alone."""
    facts = {"wanted": asdict(wanted), "change": asdict(change), "actor": actor.pk if actor else None}
    _next_piece(facts | {"batch": address_token(), "at": clock.now().isoformat(), "behind": 0})


class ChangesEffect(TransactionalEffect):
    """The next contacts of a batch; the rest is the next row's."""

    label = _("Change of many contacts")

    def apply(self, row: OutboxRow) -> None:
        """Do it; what was searched for may name a person, and is not kept."""
        said = row.payload
        fitting = contacts_fitting(ContactFilter(**said["wanted"])).filter(
            created_at__lte=datetime.fromisoformat(said["at"])
        )
        found = list(fitting.filter(pk__gt=said["behind"]).order_by("pk")[:PIECE])
        change_contacts(
            contacts=found, change=_read(said["change"]), actor=User.objects.filter(pk=said["actor"]).first()
        )
        if len(found) == PIECE:
            _next_piece(said | {"behind": found[-1].pk})
        row.payload = {}


def register_own() -> None:
    """Register the effect of this module."""
    register(KIND, ChangesEffect())


def _open_to(contacts: Sequence[Contact], change: Change) -> set[int]:
    """The ids of the contacts whom the change makes different."""
    chosen = {contact.pk for contact in contacts}
    if change.move in (Move.TAG, Move.UNTAG):
        key = " ".join(change.tag.split()).casefold()
        having = ContactTag.objects.filter(tag__name_key=key, contact__in=chosen)
    elif change.move in (Move.LIST_ADD, Move.LIST_REMOVE):
        having = ContactListMember.objects.filter(contact_list=_list(change.list), contact__in=chosen)  # type: ignore[assignment]
    else:
        return {contact.pk for contact in contacts if contact.unsubscribed_at is None}
    ids = set(having.values_list("contact_id", flat=True))
    return chosen - ids if change.move in (Move.TAG, Move.LIST_ADD) else ids


def _list(token: str) -> ContactList:
    found = ContactList.objects.filter(token=token, archived_at=None, conditions__isnull=True).first()
    if found is None:
        raise NoSuchList(_("This list is gone. Choose another one."))
    return found


def _read(said: dict[str, Any]) -> Change:
    return Change(**said | {"move": Move(said["move"])})


def _next_piece(facts: dict[str, Any]) -> None:
    enqueue(KIND, dedupe_key=f"{facts['batch']}:{facts['behind']}", payload=facts)
