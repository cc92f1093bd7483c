"""What conditions can ask about contacts; apps to the right register their facts in `AppConfig.ready()`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db.models import Q

from contacts.segments.operators import BY_KIND, Kind, Label, Operator
from contacts.segments.values import Choices


@dataclass(frozen=True, kw_only=True)
class SegmentFact:
    """A fact about a contact that conditions compare.

    `condition(op, value)` answers a `Q` on `Contact`: columns, or subqueries correlated on `OuterRef("pk")`, so that
    one contact is checked as fast as many. `choices` names the objects to choose from; `any_label` allows none of them
    in particular. `sentences` says an operator in words of its own, with `%(value)s`.
    """

    key: str
    label: Label
    topic: Label
    kind: Kind
    condition: Callable[[str, Any], Q]
    operators: tuple[Operator, ...] = ()
    choices: Callable[[], Choices] | None = None
    any_label: Label = ""
    sentences: Mapping[str, Label] = field(default_factory=dict)

    @property
    def questions(self) -> tuple[Operator, ...]:
        """What can be asked: the operators of its own, or those of its kind."""
        return self.operators or BY_KIND[self.kind]

    def operator(self, key: str) -> Operator | None:
        """The operator with that key; None when the fact does not know it."""
        return next((each for each in self.questions if each.key == key), None)

    def all_choices(self) -> list[tuple[str, str]]:
        """What to choose from, "any" first."""
        first = [("", str(self.any_label))] if self.any_label else []
        return first + [(key, str(label)) for key, label in (self.choices() if self.choices else ())]


class Family(Protocol):
    """Facts that a school makes itself, such as its own fields. Their keys begin with `prefix`."""

    prefix: str

    def find(self, name: str) -> SegmentFact | None:
        """The fact with what follows the prefix; None when there is none."""
        ...

    def all(self) -> Sequence[SegmentFact]:
        """All of them in the open scope."""
        ...


_facts: dict[str, SegmentFact] = {}
_families: dict[str, Family] = {}


def register(*facts: SegmentFact) -> None:
    """Make facts known; the last one with a key wins."""
    _facts.update({fact.key: fact for fact in facts})


def register_family(family: Family) -> None:
    """Make the facts of a family known; the last one with a prefix wins."""
    _families[family.prefix] = family


def all_facts() -> list[SegmentFact]:
    """All facts of the open scope's school, in the order of registration."""
    return [*_facts.values(), *(fact for family in _families.values() for fact in family.all())]


def fact_of(key: str) -> SegmentFact | None:
    """The fact with that key; None when nobody knows it (any more)."""
    if key in _facts:
        return _facts[key]
    prefix, _colon, name = key.partition(":")
    family = _families.get(f"{prefix}:")
    return family.find(name) if family and name else None
