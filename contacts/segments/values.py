"""What a condition is compared with: each kind of value, as it is stored, typed and said."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from django.utils.formats import date_format, localize
from django.utils.translation import gettext as _

from contacts.segments.language import ConditionsRefused
from kwiga.errors import DomainError
from kwiga.money import CURRENCIES, format_money, parse_major, to_major

type Choices = Sequence[tuple[str, str]]

_LONGEST_TEXT, _MOST, _MOST_MINOR, _MOST_DAYS = 200, 10**9, 10**15, 36_500
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_DECIMAL = re.compile(r"-?[0-9]{1,14}(\.[0-9]{1,4})?")


class ValueRefused(DomainError):
    """What was typed cannot be the value; the message says what to type."""


class Value(Protocol):
    """A kind of value. `key` names it in templates."""

    key: str

    def accept(self, value: Any) -> Any:
        """The stored value. Raises ConditionsRefused when it is of another shape."""
        ...

    def read(self, typed: Mapping[str, str]) -> Any:
        """What was typed as a stored value. Raises ValueRefused."""
        ...

    def write(self, value: Any) -> dict[str, str]:
        """The stored value as it would be typed."""
        ...

    def say(self, value: Any, choices: Choices) -> str:
        """The stored value in words."""
        ...


class Nothing:
    """There is nothing to compare with."""

    key = ""

    def accept(self, value: Any) -> None:
        if value not in (None, ""):
            raise _other()

    def read(self, typed: Mapping[str, str]) -> None:
        return None

    def write(self, value: Any) -> dict[str, str]:
        return {}

    def say(self, value: Any, choices: Choices) -> str:
        return ""


class Text:
    """A few words."""

    key = "text"

    def accept(self, value: Any) -> str:
        if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_TEXT:
            raise _other()
        return value

    def read(self, typed: Mapping[str, str]) -> str:
        text = " ".join(_plain(typed.get("value", "")).split())
        if not text or len(text) > _LONGEST_TEXT:
            raise ValueRefused(_("Write what to look for, in at most 200 characters."))
        return text

    def write(self, value: Any) -> dict[str, str]:
        return {"value": str(value)}

    def say(self, value: Any, choices: Choices) -> str:
        return _("“%(text)s”") % {"text": value}


class Choice:
    """One of several, by the token of an object or the code of a language; "" means any where the fact knows that."""

    key = "choice"

    def accept(self, value: Any) -> str:
        if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
            raise _other()
        return value

    def read(self, typed: Mapping[str, str]) -> str:
        return _plain(typed.get("value", ""))[:_LONGEST_TEXT]

    def write(self, value: Any) -> dict[str, str]:
        return {"value": str(value)}

    def say(self, value: Any, choices: Choices) -> str:
        return _named(value, choices)


class Number:
    """A whole number from 0."""

    key = "number"
    least, most = 0, _MOST

    def accept(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            raise _other()
        return value

    def read(self, typed: Mapping[str, str]) -> int:
        text = re.sub(r"\s", "", typed.get("value", ""))
        if not re.fullmatch("[0-9]{1,10}", text) or not self.least <= int(text) <= self.most:
            raise ValueRefused(
                _("Write a whole number from %(least)s to %(most)s.")
                % {"least": localize(self.least), "most": localize(self.most)}
            )
        return int(text)

    def write(self, value: Any) -> dict[str, str]:
        return {"value": str(value)}

    def say(self, value: Any, choices: Choices) -> str:
        return str(localize(value))


class Days(Number):
    """A number of days."""

    key = "days"
    least, most = 1, _MOST_DAYS


class Percent(Number):
    """How much of an object, in percent: {"of": token, "value": 50}."""

    key = "percent"
    least, most = 0, 100

    def accept(self, value: Any) -> Any:
        if not isinstance(value, dict) or set(value) != {"of", "value"} or not isinstance(value["of"], str):
            raise _other()
        return {"of": value["of"], "value": super().accept(value["value"])}

    def read(self, typed: Mapping[str, str]) -> Any:
        return {"of": _plain(typed.get("of", "")), "value": super().read(typed)}

    def write(self, value: Any) -> dict[str, str]:
        return {"of": str(value["of"]), "value": str(value["value"])}

    def say(self, value: Any, choices: Choices) -> str:
        return _("%(percent)s %% of %(title)s") % {"percent": value["value"], "title": _named(value["of"], choices)}


class Money:
    """A sum in minor units with its currency."""

    key = "money"

    def accept(self, value: Any) -> Any:
        if not isinstance(value, dict) or set(value) != {"amount_minor", "currency"}:
            raise _other()
        amount = value["amount_minor"]
        if isinstance(amount, bool) or not isinstance(amount, int) or not 0 <= amount <= _MOST_MINOR:
            raise _other()
        if value["currency"] not in CURRENCIES:
            raise _other()
        return value

    def read(self, typed: Mapping[str, str]) -> Any:
        currency = typed.get("currency", "")
        if currency not in CURRENCIES:
            raise ValueRefused(_("Choose a currency."))
        try:
            amount = parse_major(typed.get("value", ""), currency)
        except ValueError as error:
            raise ValueRefused(_("Write a sum, such as 1200 or 1200.50.")) from error
        if amount > _MOST_MINOR:
            raise ValueRefused(_("Write a sum, such as 1200 or 1200.50."))
        return {"amount_minor": amount, "currency": currency}

    def write(self, value: Any) -> dict[str, str]:
        major = to_major(value["amount_minor"], value["currency"])
        return {"value": f"{major:f}", "currency": value["currency"]}

    def say(self, value: Any, choices: Choices) -> str:
        return format_money(value["amount_minor"], value["currency"])


class Day:
    """A day of the calendar, as an ISO date."""

    key = "date"

    def accept(self, value: Any) -> str:
        if not isinstance(value, str) or _day(value) is None:
            raise _other()
        return value

    def read(self, typed: Mapping[str, str]) -> str:
        day = _day(typed.get("value", "").strip())
        if day is None:
            raise ValueRefused(_("Choose a day."))
        return day.isoformat()

    def write(self, value: Any) -> dict[str, str]:
        return {"value": str(value)}

    def say(self, value: Any, choices: Choices) -> str:
        return date_format(date.fromisoformat(value), "DATE_FORMAT")


class Amount:
    """A number with decimals, stored as text so that nothing is rounded."""

    key = "decimal"

    def accept(self, value: Any) -> str:
        if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
            raise _other()
        return value

    def read(self, typed: Mapping[str, str]) -> str:
        text = re.sub(r"\s", "", typed.get("value", "")).replace(",", ".").replace("−", "-")
        if not _DECIMAL.fullmatch(text):
            raise ValueRefused(_("Write a number, such as 12 or 12.5."))
        return text

    def write(self, value: Any) -> dict[str, str]:
        return {"value": str(value)}

    def say(self, value: Any, choices: Choices) -> str:
        return str(value)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None
    return day if day and _FIRST_YEAR <= day.year <= _LAST_YEAR else None


def _named(token: str, choices: Choices) -> str:
    title = dict(choices).get(token)
    if title is None:
        return _("(deleted)")
    return _("“%(text)s”") % {"text": title} if token else title


def _plain(text: str) -> str:
    """Without what a database cannot hold."""
    return text.replace("\0", "").encode(errors="ignore").decode()


def _other() -> ConditionsRefused:
    return ConditionsRefused(_("A condition is compared with something of another kind."))
