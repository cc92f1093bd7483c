"""Verbs of a school's own fields of contacts: made, changed, ordered, put away; and what they say of a contact."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, ContactField, ContactValue
from contacts.services.people import lock_contact
from kwiga import clock
from kwiga.errors import DomainError
from schools.journal import record_event
from schools.models import User
from schools.tenancy.scope import current_school_id

MOST = 50
_Kind = ContactField.Kind
COLUMNS = {
    _Kind.TEXT: "text",
    _Kind.CHOICE: "text",
    _Kind.NUMBER: "number",
    _Kind.DATE: "date",
    _Kind.FLAG: "flag",
}
_EMPTY: dict[str, Any] = {"text": "", "number": None, "date": None, "flag": None}


class FieldNameTaken(DomainError):
    """Another field of the school is called so."""


class TooManyFields(DomainError):
    """A form with more fields is no form any more."""


@transaction.atomic
def create_field(*, label: str, kind: str, choices: Sequence[str], actor: User | None) -> ContactField:
    """A new field behind the others; `choices` for one of that kind. Raises FieldNameTaken, TooManyFields."""
    _check_room()
    last = ContactField.objects.aggregate(last=Max("position"))["last"]
    fresh = ContactField(
        school_id=current_school_id(),
        label=_tidy(label),
        kind=kind,
        choices=list(choices) if kind == _Kind.CHOICE else [],
        position=0 if last is None else last + 1,
    )
    _save(fresh, force_insert=True)
    record_event("contactfield.created", subject=fresh, actor=actor)
    return fresh


@transaction.atomic
def change_field(*, field: ContactField, label: str, choices: Sequence[str], actor: User | None) -> ContactField:
    """Another name or other choices; what contacts have stays as it is. The kind never changes. Raises FieldNameTaken.

    Nothing is written when nothing differs.
    """
    locked = _lock(field)
    wanted = {"label": _tidy(label), "choices": list(choices) if locked.kind == _Kind.CHOICE else []}
    changed = [name for name, value in wanted.items() if getattr(locked, name) != value]
    if changed:
        for name in changed:
            setattr(locked, name, wanted[name])
        _save(locked, update_fields=changed)
        record_event("contactfield.changed", subject=locked, actor=actor)
    return locked


@transaction.atomic
def move_field(*, field: ContactField, up: int, actor: User | None) -> None:
    """One place up (1) or down (-1) among the fields in use; at the end of the row it stays."""
    row = list(ContactField.objects.filter(archived_at=None).order_by("position", "pk").select_for_update(of=("self",)))
    places = [each.pk for each in row]
    if field.pk not in places:
        return
    here = places.index(field.pk)
    there = here - up
    if not 0 <= there < len(row):
        return
    row.insert(there, row.pop(here))
    for position, each in enumerate(row):
        each.position = position
    ContactField.objects.bulk_update(row, ["position"])
    record_event("contactfield.moved", subject=field, actor=actor)


@transaction.atomic
def archive_field(*, field: ContactField, actor: User | None) -> ContactField:
    """Take the field off forms and cards; what contacts have is kept for when it comes back."""
    locked = _lock(field)
    if locked.archived_at is None:
        locked.archived_at = clock.now()
        locked.save(update_fields=["archived_at"])
        record_event("contactfield.archived", subject=locked, actor=actor)
    return locked


@transaction.atomic
def restore_field(*, field: ContactField, actor: User | None) -> ContactField:
    """Bring a field back with what contacts had. Raises FieldNameTaken, TooManyFields."""
    locked = _lock(field)
    if locked.archived_at is not None:
        _check_room()
        locked.archived_at = None
        _save(locked, update_fields=["archived_at"])
        record_event("contactfield.restored", subject=locked, actor=actor)
    return locked


@transaction.atomic
def write_values(*, contact: Contact, values: Mapping[ContactField, Any], actor: User | None) -> list[ContactField]:
    """Write what fields say of the contact, each in the type of its kind; None or "" says nothing. Which differed."""
    lock_contact(contact)
    rows = {row.field_id: row for row in ContactValue.objects.filter(contact=contact, field__in=list(values))}
    changed = [field for field, value in values.items() if _said(field, rows.get(field.pk)) != _typed(value)]
    for field in changed:
        _write(contact, field, rows.get(field.pk), _typed(values[field]))
    if changed:
        data = {"fields": [], "own": [field.label for field in changed]}
        record_event("contact.changed", subject=contact, actor=actor, data=data)
    return changed


def _typed(value: Any) -> Any:
    return None if value == "" else value


def _said(field: ContactField, row: ContactValue | None) -> Any:
    return _typed(getattr(row, COLUMNS[_Kind(field.kind)])) if row else None


def _write(contact: Contact, field: ContactField, row: ContactValue | None, value: Any) -> None:
    if value is None:
        if row:
            row.delete()
        return
    columns = _EMPTY | {COLUMNS[_Kind(field.kind)]: value, "updated_at": clock.now()}
    ContactValue.objects.update_or_create(school_id=contact.school_id, contact=contact, field=field, defaults=columns)


def _check_room() -> None:
    if ContactField.objects.filter(archived_at=None).count() >= MOST:
        raise TooManyFields(_("There are %(count)d fields already. Archive one first.") % {"count": MOST})


def _lock(field: ContactField) -> ContactField:
    return ContactField.objects.select_for_update(of=("self",)).get(pk=field.pk)


def _tidy(label: str) -> str:
    return " ".join(label.split())


def _save(field: ContactField, **how: Any) -> None:
    try:
        with transaction.atomic():
            field.save(**how)
    except IntegrityError as error:
        raise FieldNameTaken(_("There is a field of this name.")) from error
