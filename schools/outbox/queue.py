"""Putting work into the outbox."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from kwiga import clock
from schools.models import OutboxRow
from schools.outbox.poke import poke_after_commit
from schools.tenancy.scope import current_school_id

_gathered: ContextVar[list[OutboxRow] | None] = ContextVar("gathered", default=None)


@contextmanager
def gathered() -> Iterator[None]:
    """Write the rows of the block in one statement at its end, for verbs that must be short; none when it fails.

    Inside another such block they are handed on to it, and written at its end.
    """
    outer, rows = _gathered.get(), list[OutboxRow]()
    token = _gathered.set(rows)
    try:
        yield
    finally:
        _gathered.reset(token)
    if outer is None:
        OutboxRow.objects.bulk_create(rows, ignore_conflicts=True)
    else:
        outer += rows


def enqueue(kind: str, *, dedupe_key: str, payload: dict[str, Any], available_at: datetime | None = None) -> None:
    """Write one row in the open scope's transaction; a second row with the same kind and key is dropped.

    It becomes due at `available_at` (now by default). The worker is told after the commit, and finds it anyway.
    """
    fields = {"available_at": available_at} if available_at else {}
    row = OutboxRow(school_id=current_school_id(), kind=kind, dedupe_key=dedupe_key, payload=payload, **fields)
    _put(row)
    if not available_at:
        poke_after_commit()


def note(kind: str, *, dedupe_key: str, payload: dict[str, Any]) -> None:
    """Write a row that needs no work: it is done as it is written, and no drainer looks at it."""
    at = clock.now()
    row = OutboxRow(
        school_id=current_school_id(), kind=kind, dedupe_key=dedupe_key, payload=payload, available_at=at, done_at=at
    )
    _put(row)


def skip(kind: str, *, dedupe_key: str) -> None:
    """Mark a row as done whose work was done past it; one that a drainer has in hand is left to the drainer."""
    rows = OutboxRow.objects.filter(kind=kind, dedupe_key=dedupe_key, done_at=None, dead_at=None, locked_until=None)
    free = rows.select_for_update(skip_locked=True).values("pk")
    OutboxRow.objects.filter(pk__in=free).update(done_at=clock.now())


def _put(row: OutboxRow) -> None:
    waiting = _gathered.get()
    if waiting is None:
        OutboxRow.objects.bulk_create([row], ignore_conflicts=True)
    else:
        waiting.append(row)
