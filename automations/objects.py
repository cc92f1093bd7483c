"""What settings name by token: courses, lessons, offers, lists, tags, coupons, hooks, fields."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from automations.models import IncomingHook
from automations.settings_fields import FieldKind, SettingField
from contacts.models import ContactField, ContactList, Tag
from coupons.models import Coupon
from courses.models import Course, Lesson
from offers.models import Offer

_TABLES: dict[str, type[models.Model]] = {
    FieldKind.COURSE: Course,
    FieldKind.LESSON: Lesson,
    FieldKind.OFFER: Offer,
    FieldKind.LIST: ContactList,
    FieldKind.TAG: Tag,
    FieldKind.COUPON: Coupon,
    FieldKind.HOOK: IncomingHook,
    FieldKind.FIELD: ContactField,
}
# Put away for good: naming one of these is naming nothing.
_ARCHIVED = {FieldKind.LIST, FieldKind.HOOK, FieldKind.FIELD}

_remembered: ContextVar[dict[tuple[str, str], Any] | None] = ContextVar("remembered", default=None)


@contextmanager
def found_at_once(wanted: Iterable[tuple[str, str]]) -> Iterator[None]:
    """Inside it, `find` knows these kinds and tokens without asking again: one query for each kind, for lists."""
    tokens: dict[str, set[str]] = {}
    for kind, token in wanted:
        tokens.setdefault(kind, set()).add(token)
    known: dict[tuple[str, str], Any] = {(kind, token): None for kind, each in tokens.items() for token in each}
    for kind, each in tokens.items():
        known |= {(kind, row.token): row for row in _rows(kind).filter(token__in=each)}
    reset = _remembered.set(known)
    try:
        yield
    finally:
        _remembered.reset(reset)


def find(kind: str, token: object) -> Any | None:
    """The object of this kind in the open scope's school; None when there is none (any more)."""
    if not isinstance(token, str) or not token:
        return None
    remembered = _remembered.get() or {}
    if (kind, token) in remembered:
        return remembered[kind, token]
    return _rows(kind).filter(token=token).first()


def _rows(kind: str) -> models.QuerySet[Any]:
    rows = _TABLES[kind]._default_manager.all()
    rows = rows.filter(archived_at=None) if kind in _ARCHIVED else rows
    return rows.prefetch_related("codes") if kind == FieldKind.COUPON else rows


def id_of(kind: str, token: object) -> int | None:
    """Its id, or None."""
    found = find(kind, token)
    pk: int | None = found.pk if found else None
    return pk


def name_of(kind: str, token: object) -> str:
    """What people call it, in quotation marks; a sentence's word for what was deleted."""
    if not token:
        return _("(not chosen yet)")
    found = find(kind, token)
    if found is None:
        return _("(deleted)")
    return _("“%(name)s”") % {"name": _name(found)}


def missing_settings(fields: Iterable[SettingField], settings: dict[str, Any]) -> list[str]:
    """Sentences about what is not chosen yet, was deleted, or is out of reach."""
    return [sentence for each in fields if (sentence := _problem(each, settings.get(each.name)))]


def _problem(field: SettingField, value: Any) -> str:
    words = {"field": str(field.label)}
    if field.kind == FieldKind.FLAG:
        return ""
    if value in ("", None):
        return _("Choose: %(field)s.") % words if field.required else ""
    if field.kind == FieldKind.NUMBER:
        fits = isinstance(value, int) and not isinstance(value, bool) and field.minimum <= value <= field.maximum
        return "" if fits else _("Enter a number that is in reach: %(field)s.") % words
    found = find(field.kind, value)
    if isinstance(found, ContactList) and found.is_dynamic:  # nobody is put in it, so nothing would ever happen
        return _("Choose a list that people are put in.")
    return "" if found else _("What was chosen has been deleted: %(field)s.") % words


def _name(found: Any) -> str:
    if isinstance(found, Coupon):
        code = next(iter(found.codes.all()), None)
        return code.code if code else ""
    for attribute in ("title", "name", "label"):
        if hasattr(found, attribute):
            return str(getattr(found, attribute))
    return str(found)
