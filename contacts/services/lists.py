"""Verbs of contact lists: made, renamed, given another filter, deleted; people put in and taken out (P2)."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from contacts.list_uses import uses_of_list
from contacts.models import Contact, ContactList, ContactListMember
from contacts.segments.circles import refuse_circle
from contacts.segments.members import checked
from kwiga import clock
from kwiga.errors import DomainError
from schools.journal import record_event
from schools.models import User
from schools.tenancy.scope import current_school_id


class ListNameTaken(DomainError):
    """Another list of the school is called so."""


class ListInUse(DomainError):
    """Something live depends on the list."""


class ListFollowsFilter(DomainError):
    """Nobody is put in a dynamic list, or taken out of it, by hand."""


@transaction.atomic
def create_list(*, name: str, actor: User | None, conditions: Any = None) -> ContactList:
    """A new list: empty and filled by hand, or, with conditions, whoever they fit.

    Raises ListNameTaken, ConditionsRefused.
    """
    fresh = ContactList(school_id=current_school_id(), name=_tidy(name), conditions=_filter(conditions))
    _save(fresh, force_insert=True)
    record_event("list.created", subject=fresh, actor=actor)
    return fresh


@transaction.atomic
def change_conditions(*, contact_list: ContactList, conditions: Any, actor: User | None) -> ContactList:
    """Another filter for a dynamic list; the same one changes nothing. Raises ListFollowsFilter, ConditionsRefused."""
    locked = _lock(contact_list)
    if not locked.is_dynamic:
        raise ListFollowsFilter(_("The people of this list are put in by hand."))
    fresh = checked(conditions)
    if fresh != locked.conditions:
        refuse_circle(fresh, locked)
        locked.conditions = fresh
        locked.save(update_fields=["conditions"])
        record_event("list.changed", subject=locked, actor=actor)
    return locked


@transaction.atomic
def rename_list(*, contact_list: ContactList, name: str, actor: User | None) -> ContactList:
    """Another name for the list; the same one changes nothing. Raises ListNameTaken."""
    locked = _lock(contact_list)
    if locked.name != _tidy(name):
        locked.name = _tidy(name)
        _save(locked, update_fields=["name"])
        record_event("list.renamed", subject=locked, actor=actor)
    return locked


@transaction.atomic
def delete_list(*, contact_list: ContactList, actor: User | None) -> ContactList:
    """Put the list away for good; its name is free again, and its people stay contacts. Raises ListInUse (P2.4)."""
    locked = _lock(contact_list)
    if locked.archived_at is not None:
        return locked
    live = [use.label for use in uses_of_list(locked) if use.is_live]
    if live:
        sentence = _("The list is used by %(names)s. End or archive that first, or choose other people for it.")
        raise ListInUse(sentence % {"names": ", ".join(live[:5])})
    locked.archived_at = clock.now()
    locked.save(update_fields=["archived_at"])
    record_event("list.deleted", subject=locked, actor=actor, data={"name": locked.name})
    return locked


@transaction.atomic
def add_members(*, contact_list: ContactList, contacts: Iterable[Contact], actor: User | None) -> int:
    """Put people in; who is in already stays in once (P2.3). How many were new. Raises ListFollowsFilter."""
    locked = _lock(contact_list)
    _check_by_hand(locked)
    wanted = {contact.pk for contact in contacts}
    known = set(
        ContactListMember.objects.filter(contact_list=locked, contact__in=wanted).values_list("contact", flat=True)
    )
    fresh = [
        ContactListMember(school_id=locked.school_id, contact_list=locked, contact_id=pk)
        for pk in sorted(wanted - known)
    ]
    ContactListMember.objects.bulk_create(fresh, ignore_conflicts=True)
    if fresh:
        record_event("list.joined", subject=locked, actor=actor, data={"contacts": [row.contact_id for row in fresh]})
    return len(fresh)


@transaction.atomic
def remove_members(*, contact_list: ContactList, contacts: Iterable[Contact], actor: User | None) -> int:
    """Take people out; they stay contacts. How many were in. Raises ListFollowsFilter."""
    locked = _lock(contact_list)
    _check_by_hand(locked)
    rows = ContactListMember.objects.filter(contact_list=locked, contact__in=[contact.pk for contact in contacts])
    gone = sorted(rows.values_list("contact_id", flat=True))
    rows.delete()
    if gone:
        record_event("list.left", subject=locked, actor=actor, data={"contacts": gone})
    return len(gone)


@transaction.atomic
def remove_member(*, contact_list: ContactList, contact: Contact, actor: User | None) -> bool:
    """Take somebody out; the contact stays. Whether they were in. Raises ListFollowsFilter."""
    _check_by_hand(contact_list)
    removed, _rows = ContactListMember.objects.filter(contact_list=contact_list, contact=contact).delete()
    if removed:
        record_event("list.left", subject=contact_list, actor=actor, data={"contacts": [contact.pk]})
    return bool(removed)


def _check_by_hand(contact_list: ContactList) -> None:
    if contact_list.is_dynamic:
        raise ListFollowsFilter(_("This list follows its conditions: who fits is in it, and nobody else."))


def _filter(conditions: Any) -> dict[str, Any] | None:
    if conditions is None:
        return None
    fresh = checked(conditions)
    refuse_circle(fresh, None)
    return fresh


def _lock(contact_list: ContactList) -> ContactList:
    return ContactList.objects.select_for_update(of=("self",)).get(pk=contact_list.pk)


def _tidy(name: str) -> str:
    return " ".join(name.split())


def _save(contact_list: ContactList, **how: object) -> None:
    try:
        with transaction.atomic():
            contact_list.save(**how)  # type: ignore[arg-type]
    except IntegrityError as error:
        raise ListNameTaken(_("There is a list of this name.")) from error
