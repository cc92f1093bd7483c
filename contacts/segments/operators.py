"""What can be asked of a fact, by the kind of the fact."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.segments import values

Label = str | Promise


@dataclass(frozen=True)
class Operator:
    """One question: its key, its words, and the kind of value it is compared with."""

    key: str
    label: Label
    takes: values.Value


class Kind(StrEnum):
    """What a fact is."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    DECIMAL = "decimal"
    MONEY = "money"
    INSTANT = "instant"  # something that happened once at least, or never
    DAY = "day"  # a day of the calendar, past or to come
    FLAG = "flag"


_NOTHING, _TEXT, _CHOICE, _NUMBER = values.Nothing(), values.Text(), values.Choice(), values.Number()
_DAYS, _DAY, _MONEY, _AMOUNT = values.Days(), values.Day(), values.Money(), values.Amount()

FILLED = Operator("filled", _("is filled in"), _NOTHING)
EMPTY = Operator("empty", _("is empty"), _NOTHING)
IS = Operator("is", pgettext_lazy("condition", "is"), _CHOICE)
IS_NOT = Operator("is_not", pgettext_lazy("condition", "is not"), _CHOICE)
YES = Operator("yes", pgettext_lazy("condition", "yes"), _NOTHING)
NO = Operator("no", pgettext_lazy("condition", "no"), _NOTHING)

_AGO = (
    Operator("within", _("in the last … days"), _DAYS),
    Operator("longer", _("more than … days ago"), _DAYS),
    Operator("since", _("on or after"), _DAY),
    Operator("before", _("before"), _DAY),
)

BY_KIND: dict[Kind, tuple[Operator, ...]] = {
    Kind.TEXT: (
        Operator("contains", _("contains"), _TEXT),
        Operator("not_contains", _("does not contain"), _TEXT),
        Operator("is", pgettext_lazy("condition", "is"), _TEXT),
        Operator("is_not", pgettext_lazy("condition", "is not"), _TEXT),
        Operator("starts", _("begins with"), _TEXT),
        FILLED,
        EMPTY,
    ),
    Kind.CHOICE: (IS, IS_NOT),
    Kind.NUMBER: (
        Operator("at_least", _("at least"), _NUMBER),
        Operator("less", _("less than"), _NUMBER),
        Operator("is", _("exactly"), _NUMBER),
    ),
    Kind.DECIMAL: (
        Operator("at_least", _("at least"), _AMOUNT),
        Operator("less", _("less than"), _AMOUNT),
        Operator("is", _("exactly"), _AMOUNT),
        FILLED,
        EMPTY,
    ),
    Kind.MONEY: (Operator("at_least", _("at least"), _MONEY), Operator("less", _("less than"), _MONEY)),
    Kind.INSTANT: (
        *_AGO,
        Operator("ever", _("ever"), _NOTHING),
        Operator("never", _("never"), _NOTHING),
    ),
    Kind.DAY: (
        *_AGO,
        Operator("coming", _("in the next … days"), _DAYS),
        FILLED,
        EMPTY,
    ),
    Kind.FLAG: (YES, NO),
}


def has_or_not(has: Label, has_not: Label) -> tuple[Operator, Operator]:
    """The two questions about an object of the school: whether there is one, or none."""
    return (Operator("has", has, _CHOICE), Operator("has_not", has_not, _CHOICE))
