"""Conditions on contacts as they are stored: a tree of groups (all of, any of) and single conditions. Pure.

{"match": "all", "parts": [{"fact": "country", "op": "is", "value": "UA"}, {"match": "any", "parts": [...]}]}
"""

from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

from kwiga.errors import DomainError

DEPTH, PARTS = 3, 30
_LONGEST_NAME, _LONGEST_TEXT, _LARGEST = 60, 500, 2**63

type Match = Literal["all", "any"]


class ConditionsRefused(DomainError):
    """What was given is no condition; the message says why."""


@dataclass(frozen=True)
class Condition:
    """One fact, what is asked of it, and the value it is compared with (None when there is nothing to compare)."""

    fact: str
    op: str
    value: Any = None


@dataclass(frozen=True)
class Group:
    """All of the parts, or any of them; never empty."""

    match: Match
    parts: "tuple[Condition | Group, ...]"

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every single condition of the tree, in reading order."""
        found: list[Condition] = []
        for part in self.parts:
            found += [part] if isinstance(part, Condition) else part.conditions
        return tuple(found)


def parse(given: Any) -> Group:
    """The tree of stored or posted JSON. Raises ConditionsRefused for another shape, too deep or too many parts.

    Whether facts are known and values fit them is said by `contacts.segments.members.checked`.
    """
    group = _group(given, depth=1)
    if _size(group) > PARTS:
        raise ConditionsRefused(_("There are too many conditions: at most 30 are checked."))
    return group


def as_json(group: Group) -> dict[str, Any]:
    """The tree as it is stored; `parse` gives the same tree back."""
    parts = [
        as_json(part)
        if isinstance(part, Group)
        else {"fact": part.fact, "op": part.op, **({} if part.value is None else {"value": part.value})}
        for part in group.parts
    ]
    return {"match": group.match, "parts": parts}


def _group(given: Any, depth: int) -> Group:
    if not isinstance(given, dict) or set(given) - {"match", "parts"}:
        raise _misshapen()
    match, parts = given.get("match"), given.get("parts")
    if match not in ("all", "any") or not isinstance(parts, list):
        raise _misshapen()
    if depth > DEPTH:
        raise ConditionsRefused(_("Groups of conditions lie too deep in each other."))
    if not parts:
        raise ConditionsRefused(_("Add at least one condition."))
    if len(parts) > PARTS:
        raise ConditionsRefused(_("There are too many conditions: at most 30 are checked."))
    return Group(match, tuple(_part(part, depth) for part in parts))


def _part(given: Any, depth: int) -> Condition | Group:
    if not isinstance(given, dict):
        raise _misshapen()
    if "parts" in given:
        return _group(given, depth + 1)
    if set(given) - {"fact", "op", "value"}:
        raise _misshapen()
    fact, op, value = given.get("fact"), given.get("op"), given.get("value")
    if not (_is_name(fact) and _is_name(op)):
        raise _misshapen()
    return Condition(str(fact), str(op), _value(value))


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        if len(value) > 3 or not all(_is_name(name) for name in value):
            raise _misshapen()
        return {name: _scalar(each) for name, each in value.items()}
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and -_LARGEST <= value < _LARGEST:
        return value
    if isinstance(value, str) and _is_text(value, _LONGEST_TEXT):
        return value
    raise _misshapen()


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and _is_text(value, _LONGEST_NAME)


def _is_text(value: str, longest: int) -> bool:
    """Whether the database can hold it: no NUL, no half of a surrogate pair."""
    return len(value) <= longest and "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _size(group: Group) -> int:
    return sum(1 + (_size(part) if isinstance(part, Group) else 0) for part in group.parts)


def _misshapen() -> ConditionsRefused:
    return ConditionsRefused(_("These are no conditions."))
