"""What the list of contacts can be narrowed to. Words that mean nothing narrow nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import QueryDict

from contacts.facts import Fact, Text, facts

YES, NO = "yes", "no"


@dataclass(frozen=True)
class Choice:
    """One fact with its three ways: any, yes, no."""

    fact: Fact
    chosen: str

    @property
    def options(self) -> list[tuple[str, Text]]:
        return [(YES, self.fact.label), (NO, self.fact.label_not)]


@dataclass(frozen=True)
class Chip:
    """A filter that is on: what it says, and the address of the list without it."""

    label: Text
    without: str


class ContactFilterForm:
    """The address of the list, read: `?q=` and one parameter for each fact."""

    def __init__(self, data: QueryDict) -> None:
        self.text = str(data.get("q", ""))[:200]
        asked = {fact.key: str(data.get(fact.key, "")) for fact in facts()}
        self._chosen = {key: value for key, value in asked.items() if value in (YES, NO)}

    @property
    def wanted(self) -> dict[str, bool]:
        """Each fact that is asked for: yes or no."""
        return {key: value == YES for key, value in self._chosen.items()}

    @property
    def choices(self) -> list[Choice]:
        return [Choice(fact, self._chosen.get(fact.key, "")) for fact in facts()]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text.strip() or self._chosen)

    @property
    def chips(self) -> Iterator[Chip]:
        """The facts that are asked for, each with the way back."""
        for choice in self.choices:
            if choice.chosen:
                yield Chip(dict(choice.options)[choice.chosen], self._address_without(choice.fact.key))

    def _address_without(self, key: str) -> str:
        query = QueryDict(mutable=True)
        query.update({"q": self.text} if self.text else {})
        query.update({other: value for other, value in self._chosen.items() if other != key})
        return f"?{query.urlencode()}"
