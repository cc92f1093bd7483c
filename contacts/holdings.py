"""What the product holds about a contact: each app says how its part is moved, exported and erased (trust D8).

Two registers that apps fill in `AppConfig.ready()`. A `Holding` is the part of one app. `classify` says whose each
text of a table is; a test fails on a table or column that nobody classified, so nothing new is forgotten.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from contacts.models import Contact
from schools.models import StoredFile


@dataclass(frozen=True)
class Names:
    """Under what a person was known: addresses (normalized), and names, phones and outside numbers as written."""

    emails: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()

    def __or__(self, other: "Names") -> "Names":
        return Names(self.emails | other.emails, self.words | other.words)


@dataclass(frozen=True, kw_only=True)
class Holding:
    """What one app holds about contacts. All of it runs in the open scope, in the transaction of who asks.

    `move(other, into)` gives everything of `other` to `into`. `erase(contact)` takes away what could name the person
    and leaves amounts and numbers. `export(contact)` is what the person may have, as JSON; `files(contact)` what they
    uploaded. `names(contact)` adds how they were called, and `forget(names)` erases what can only be found by that.
    `counts(contact)` says in numbers what there is, for whoever decides.
    """

    key: str
    move: Callable[[Contact, Contact], None]
    erase: Callable[[Contact], None]
    export: Callable[[Contact], dict[str, Any]]
    files: Callable[[Contact], Iterable[StoredFile]] = field(default=lambda contact: ())
    names: Callable[[Contact], Names] = field(default=lambda contact: Names())
    forget: Callable[[Names], None] = field(default=lambda names: None)
    counts: Callable[[Contact], list[tuple[str | Promise, int]]] = field(default=lambda contact: [])


class Whose(StrEnum):
    """Whom the text of a column is about."""

    PERSON = "person"  # a contact: exported, and gone after an erasure
    SCHOOL = "school"  # what the school says of itself and of what it sells
    TEAM = "team"  # members of the team
    CODE = "code"  # states, kinds, tokens, digests, ids and amounts: names nobody
    SEALED = "sealed"  # ciphertext that is wiped when its work is done


_holdings: dict[str, Holding] = {}
_columns: dict[str, dict[str, Whose]] = {}


def register(holding: Holding) -> None:
    """Add the part of an app; the same key again replaces it."""
    _holdings[holding.key] = holding


def holdings() -> tuple[Holding, ...]:
    """All parts, those of the apps to the left first."""
    return tuple(_holdings.values())


def classify(label: str, **columns: str) -> None:
    """Say of a table ("contacts.Contact") whose its texts are: `person="email name", code="token"`.

    The names are those of the fields, parted by spaces; links to contacts count as texts.
    """
    _columns[label.lower()] = {name: Whose(whose) for whose, names in columns.items() for name in names.split()}


def classified() -> Mapping[str, Mapping[str, Whose]]:
    """For each table by its label in lower case, whose each of its texts is."""
    return _columns


def move_rows(rows: QuerySet[Any, Any], into: Contact, key: str) -> None:
    """Give rows of another contact to `into`, which has each `key` once: what `into` has already is dropped."""
    model: Any = rows.model
    rows.filter(**{f"{key}__in": model.objects.filter(contact=into).values(key)}).delete()
    rows.update(contact=into)


def history_of(model: type[Model]) -> Any:
    """The table that keeps the history of a model's rows."""
    return model._meta.get_field("history").related_model
