"""What can be asked about contacts; apps to the right register their facts in `AppConfig.ready()`."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists
from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A yes-or-no fact about a contact.

    `key` stands in addresses; `condition` is a correlated subquery on `OuterRef("pk")` of the contact, so that a page
    costs the same however many contacts there are.
    """

    key: str
    label: Text
    label_not: Text
    condition: Callable[[], Exists]


_facts: dict[str, Fact] = {}


def register(fact: Fact) -> None:
    """Make a fact known; the last one with a key wins."""
    _facts[fact.key] = fact


def facts() -> tuple[Fact, ...]:
    """All facts, in the order of registration."""
    return tuple(_facts.values())
