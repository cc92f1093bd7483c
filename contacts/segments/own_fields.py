"""A school's own fields as facts: "field:<token>", asked by the kind of the field."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactField, ContactValue
from contacts.segments.facts import SegmentFact
from contacts.segments.instants import today
from contacts.segments.operators import Kind
from contacts.segments.texts import text_is

_KINDS = {
    ContactField.Kind.TEXT: Kind.TEXT,
    ContactField.Kind.NUMBER: Kind.DECIMAL,
    ContactField.Kind.DATE: Kind.DAY,
    ContactField.Kind.CHOICE: Kind.CHOICE,
    ContactField.Kind.FLAG: Kind.FLAG,
}


class OwnFields:
    """The fields that were not archived."""

    prefix = "field:"

    def find(self, name: str) -> SegmentFact | None:
        """The fact about the field with that token."""
        field = _standing().filter(token=name).first()
        return _fact(field) if field else None

    def all(self) -> Sequence[SegmentFact]:
        """One fact for each field, in the order of the fields."""
        return [_fact(field) for field in _standing().order_by("position", "pk")]


def _standing() -> Any:
    return ContactField.objects.filter(archived_at=None)


def _fact(field: ContactField) -> SegmentFact:
    kind = _KINDS[ContactField.Kind(field.kind)]
    return SegmentFact(
        key=f"field:{field.token}",
        label=field.label,
        topic=_("Own fields"),
        kind=kind,
        condition=partial(_CONDITIONS[kind], field),
        choices=(lambda: [(text, text) for text in field.choices]) if kind == Kind.CHOICE else None,
    )


def _said(field: ContactField, condition: Q) -> Q:
    """Whether the contact has a value of the field that is like that."""
    return Q(Exists(ContactValue.objects.filter(condition, contact=OuterRef("pk"), field=field)))


def _text(field: ContactField, op: str, value: Any) -> Q:
    filled = _said(field, ~Q(text=""))
    if op in ("filled", "empty"):
        return filled if op == "filled" else ~filled
    if op in ("is_not", "not_contains"):
        return ~_said(field, text_is("text", op.removeprefix("not_").removesuffix("_not"), value))
    return _said(field, text_is("text", op, value))


def _choice(field: ContactField, op: str, value: Any) -> Q:
    said = _said(field, Q(text=value))
    return said if op == "is" else ~said


def _number(field: ContactField, op: str, value: Any) -> Q:
    known = _said(field, Q(number__isnull=False))
    if op in ("filled", "empty"):
        return known if op == "filled" else ~known
    lookup = {"at_least": "number__gte", "less": "number__lt", "is": "number"}[op]
    return _said(field, Q(**{lookup: Decimal(value)}))


def _day(field: ContactField, op: str, value: Any) -> Q:
    known = _said(field, Q(date__isnull=False))
    if op in ("filled", "empty"):
        return known if op == "filled" else ~known
    if op in ("since", "before"):
        return _said(field, Q(**{f"date__{'gte' if op == 'since' else 'lt'}": date.fromisoformat(value)}))
    now = today()
    spans = {
        "within": Q(date__gte=now - timedelta(days=value), date__lte=now),
        "longer": Q(date__lt=now - timedelta(days=value)),
        "coming": Q(date__gt=now, date__lte=now + timedelta(days=value)),
    }
    return _said(field, spans[op])


def _flag(field: ContactField, op: str, value: Any) -> Q:
    said = _said(field, Q(flag=True))
    return said if op == "yes" else ~said


_CONDITIONS: dict[Kind, Callable[[ContactField, str, Any], Q]] = {
    Kind.TEXT: _text,
    Kind.DECIMAL: _number,
    Kind.DAY: _day,
    Kind.CHOICE: _choice,
    Kind.FLAG: _flag,
}
