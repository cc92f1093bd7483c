"""Conditions as they are typed: a tree of rows and groups, which may be unfinished.

Every part has a path: "0" is the whole, "0-2" its third part.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from contacts.segments.facts import SegmentFact
from contacts.segments.language import DEPTH, ConditionsRefused
from contacts.segments.operators import Operator
from contacts.segments.values import ValueRefused

NAME = "conditions"
TYPED = ("value", "of", "currency")


@dataclass
class Row:
    """One condition as it is typed."""

    path: str
    fact_key: str = ""
    op_key: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    fact: SegmentFact | None = None
    error: str = ""
    is_fresh: bool = False  # just added: it gets the focus
    choices: list[tuple[str, str]] = field(default_factory=list)

    is_row = True

    @property
    def name(self) -> str:
        """What its fields are called begins with this."""
        return f"{NAME}-{self.path}"

    @property
    def operator(self) -> Operator | None:
        """What is asked: the chosen question, or the first one."""
        return (self.fact.operator(self.op_key) or self.fact.questions[0]) if self.fact else None

    @property
    def takes(self) -> str:
        """The kind of its value, for the template."""
        return self.operator.takes.key if self.operator else ""

    @property
    def chosen(self) -> str:
        """The object that is chosen."""
        return self.typed.get("of" if self.takes == "percent" else "value", "")

    @property
    def is_unchosen(self) -> bool:
        """Whether what is chosen is not among the choices: nothing so far, or something that was deleted."""
        return self.chosen not in dict(self.choices)

    @property
    def was(self) -> str:
        """What the value belongs to: another fact or kind of value forgets it."""
        return f"{self.fact_key} {self.takes}"

    def read(self) -> dict[str, Any]:
        """The condition. Raises ValueRefused when something is missing."""
        if self.fact is None or self.operator is None:
            raise ValueRefused(_("Choose what to ask."))
        value = self.operator.takes.read(self.typed)
        named = value["of"] if self.takes == "percent" else value
        if named == "" and self.takes in ("choice", "percent") and not self.fact.any_label:
            raise ValueRefused(_("Choose one."))
        return {"fact": self.fact.key, "op": self.operator.key, **({} if value is None else {"value": value})}


@dataclass
class Box:
    """A group as it is typed."""

    path: str
    match: str = "all"
    parts: "list[Row | Box]" = field(default_factory=list)

    is_row = False

    @property
    def name(self) -> str:
        return f"{NAME}-{self.path}"

    @property
    def may_nest(self) -> bool:
        """Whether another group may stand in it."""
        return self.path.count("-") + 1 < DEPTH

    @property
    def is_root(self) -> bool:
        return "-" not in self.path

    @property
    def rows(self) -> Iterator[Row]:
        """Every row below it."""
        for part in self.parts:
            if isinstance(part, Row):
                yield part
            else:
                yield from part.rows

    @property
    def size(self) -> int:
        """How many parts lie below it, groups counted."""
        return sum(1 + (part.size if isinstance(part, Box) else 0) for part in self.parts)

    def read(self) -> dict[str, Any]:
        """The group. Raises ValueRefused when something is missing."""
        return {"match": self.match, "parts": [part.read() for part in self.parts]}

    def number(self, path: str = "0") -> None:
        """Give every part the path of its place."""
        self.path = path
        for place, part in enumerate(self.parts):
            below = f"{path}-{place}"
            if isinstance(part, Box):
                part.number(below)
            else:
                part.path = below

    def find(self, path: str) -> "Box | None":
        """The group with that path."""
        if self.path == path:
            return self
        inner = (part.find(path) for part in self.parts if isinstance(part, Box))
        return next(filter(None, inner), None)

    def remove(self, path: str) -> None:
        """Take the part with that path away, and groups that are empty then."""
        self.parts = [part for part in self.parts if part.path != path]
        for part in self.parts:
            if isinstance(part, Box):
                part.remove(path)
        self.parts = [part for part in self.parts if isinstance(part, Row) or part.parts]


def written(operator: Operator, value: Any) -> dict[str, str]:
    """A stored value as it would be typed; nothing when it does not fit."""
    try:
        return operator.takes.write(operator.takes.accept(value))
    except ConditionsRefused:
        return {}


def match_of(typed: str | None) -> str:
    """How a group matches, as it was sent."""
    return "any" if typed == "any" else "all"
