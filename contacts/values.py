"""What people type for a field of the school's own, read by the kind of the field."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from contacts.models import ContactField
from kwiga.errors import DomainError

TEXT_LENGTH = 500
_YES = frozenset({"yes", "y", "true", "1", "+", "x", "так", "да", "tak"})
_NO = frozenset({"no", "n", "false", "0", "-", "ні", "нет", "nie"})
_Kind = ContactField.Kind


class ValueRefused(DomainError):
    """The text says nothing that the field can hold."""


def read_value(field: ContactField, typed: str) -> dict[str, Any]:
    """The columns of a `ContactValue` for a text that is not empty: text, number, date and flag, one of them said.

    Raises ValueRefused with a sentence.
    """
    empty: dict[str, Any] = {"text": "", "number": None, "date": None, "flag": None}
    if field.kind == _Kind.NUMBER:
        return empty | {"number": _number(typed)}
    if field.kind == _Kind.DATE:
        return empty | {"date": read_day(typed)}
    if field.kind == _Kind.FLAG:
        return empty | {"flag": read_flag(typed)}
    return empty | {
        "text": _choice(field, typed) if field.kind == _Kind.CHOICE else " ".join(typed.split())[:TEXT_LENGTH]
    }


def read_flag(typed: str) -> bool:
    """Yes or no, in the languages of the product. Raises ValueRefused."""
    folded = typed.strip().casefold()
    if folded not in _YES | _NO:
        raise ValueRefused(_("“%(typed)s” is neither yes nor no.") % {"typed": typed[:40]})
    return folded in _YES


def read_day(typed: str) -> date:
    """A day as 2026-12-31 or 31.12.2026; a time behind it is passed over. Raises ValueRefused."""
    for shape in ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"):
        try:
            return datetime.strptime(typed.strip()[:10], shape).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    raise ValueRefused(_("“%(typed)s” is no day: write 2026-12-31.") % {"typed": typed[:40]})


def _number(typed: str) -> Decimal:
    try:
        number = Decimal(typed.replace("\xa0", "").replace(" ", "").replace(",", "."))
        if not number.is_finite() or abs(number) >= 10**14:
            raise InvalidOperation
        return number.quantize(Decimal("0.0001"))
    except InvalidOperation as error:
        raise ValueRefused(_("“%(typed)s” is no number.") % {"typed": typed[:40]}) from error


def _choice(field: ContactField, typed: str) -> str:
    for choice in field.choices:
        if str(choice).casefold() == " ".join(typed.split()).casefold():
            return str(choice)
    raise ValueRefused(
        _("“%(typed)s” is none of the choices of %(field)s.") % {"typed": typed[:40], "field": field.label}
    )
