"""Who uses a list of contacts: apps to the right say it, so that a list in use is not deleted (P2)."""

from collections.abc import Callable
from dataclasses import dataclass

from contacts.models import ContactList


@dataclass(frozen=True, kw_only=True)
class ListUse:
    """One use of a list: what it is called and where it is; `is_live` forbids deleting the list."""

    label: str
    path: str
    is_live: bool


Finder = Callable[[ContactList], list[ListUse]]
_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Ask `finder` what uses a list; twice registered is once asked."""
    if finder not in _finders:
        _finders.append(finder)


def uses_of_list(contact_list: ContactList) -> list[ListUse]:
    """Everything that uses the list, live uses first."""
    found = [use for finder in _finders for use in finder(contact_list)]
    return sorted(found, key=lambda use: not use.is_live)
