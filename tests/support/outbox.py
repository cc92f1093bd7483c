"""Kinds of outbox rows that only tests know, and a look at what became of rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from schools.models import Event, OutboxRow, School
from schools.outbox import effects
from schools.outbox.effects import Effect, ExternalEffect, TransactionalEffect
from schools.outbox.queue import enqueue
from schools.tenancy.scope import current_school_id, school_scope


class Keyed(TransactionalEffect):
    """Inserts one row for the key in the payload; a second run would leave a second row."""

    def apply(self, row: OutboxRow) -> None:
        Event.objects.create(school_id=current_school_id(), kind="test.keyed", subject_id=row.payload["key"])


class Applying(TransactionalEffect):
    """Does what the test says."""

    def __init__(self, act: Callable[[OutboxRow], None]) -> None:
        self.apply = act  # type: ignore[method-assign]

    def apply(self, row: OutboxRow) -> None:
        raise AssertionError


class Calling(ExternalEffect[Any, Any]):
    """Calls the outside world of the test with the payload, and keeps the answer in the row."""

    def __init__(self, call: Callable[[Any], Any]) -> None:
        self.call = call

    def prepare(self, row: OutboxRow) -> Any:
        return row.payload.get("value")

    def perform(self, prepared: Any) -> Any:
        return self.call(prepared)

    def record(self, row: OutboxRow, outcome: Any) -> None:
        row.payload = row.payload | {"outcome": outcome}


@contextmanager
def registered(kind: str, effect: Effect) -> Iterator[None]:
    """The kind exists inside the block."""
    effects.register(kind, effect)
    try:
        yield
    finally:
        del effects._register[kind]


def put(school: School, kind: str, *keys: int, **payload: Any) -> None:
    """One row of the kind for each key, committed."""
    with school_scope(school):
        for key in keys:
            enqueue(kind, dedupe_key=f"{kind}:{key}", payload={"key": key, **payload})


def rows(school: School, **conditions: Any) -> list[OutboxRow]:
    """The school's rows, oldest first."""
    with school_scope(school):
        return list(OutboxRow.objects.filter(**conditions).order_by("id"))


def only_row(school: School, **conditions: Any) -> OutboxRow:
    (row,) = rows(school, **conditions)
    return row


def keys_inserted(school: School) -> list[int | None]:
    """The keys that `Keyed` inserted, with repeats."""
    with school_scope(school):
        return sorted(Event.objects.filter(kind="test.keyed").values_list("subject_id", flat=True))
