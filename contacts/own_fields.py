"""The school's own fields on a contact's form and card."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Contact, ContactField, ContactValue
from contacts.services.fields import COLUMNS

_Kind = ContactField.Kind
_FLAGS = [("", "–"), ("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]


@dataclass(frozen=True)
class Line:
    """A field and what it says of the contact, as people read it."""

    field: ContactField
    text: str


def fields_in_use() -> list[ContactField]:
    """The fields that were not archived, in their order."""
    return list(ContactField.objects.filter(archived_at=None).order_by("position", "pk"))


def values_of(contact: Contact) -> dict[int, Any]:
    """What fields say of the contact, by the id of the field, each in the type of its kind."""
    rows = ContactValue.objects.filter(contact=contact).select_related("field")
    return {row.field_id: getattr(row, COLUMNS[_Kind(row.field.kind)]) for row in rows}


def lines_of(contact: Contact) -> list[Line]:
    """The card's lines: the fields in use that say something of the contact."""
    values = values_of(contact)
    return [Line(field, text_of(values[field.pk])) for field in fields_in_use() if field.pk in values]


def text_of(value: Any) -> str:
    """A value as people of the active language read it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, str):
        return value
    return date_format(value, "DATE_FORMAT") if hasattr(value, "isoformat") else number_format(value.normalize())


def name_of(field: ContactField) -> str:
    """What the field is called in a form."""
    return f"own_{field.token}"


def form_field(field: ContactField, value: Any) -> forms.Field:
    """The input for a field; a choice that is offered no more stays with whoever has it."""
    common: dict[str, Any] = {"label": field.label, "required": False}
    if field.kind == _Kind.NUMBER:
        return forms.DecimalField(**common, max_digits=18, decimal_places=4, localize=True)
    if field.kind == _Kind.DATE:
        return forms.DateField(**common, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    if field.kind == _Kind.FLAG:
        return forms.ChoiceField(**common, choices=_FLAGS)
    if field.kind == _Kind.CHOICE:
        return forms.ChoiceField(**common, choices=_choices(field.choices, value))
    return forms.CharField(**common, max_length=500)


def initial_of(field: ContactField, value: Any) -> Any:
    """The value as the input shows it."""
    if field.kind == _Kind.FLAG:
        return {True: "yes", False: "no"}.get(value, "")
    return value.normalize() if field.kind == _Kind.NUMBER and value is not None else value


def read(field: ContactField, typed: Any) -> Any:
    """The value that the cleaned input means."""
    return {"yes": True, "no": False}.get(typed) if field.kind == _Kind.FLAG else typed


def _choices(choices: Sequence[str], value: Any) -> list[tuple[str, str]]:
    kept = [value] if value and value not in choices else []
    return [("", "–"), *((each, each) for each in [*choices, *kept])]
