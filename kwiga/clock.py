"""One clock: the database's. Nothing else in the product asks what time it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.db import connection

_instant: ContextVar[datetime | None] = ContextVar("instant", default=None)
_pinned: ContextVar[datetime | None] = ContextVar("pinned", default=None)


def now() -> datetime:
    """The instant (UTC) at which the open scope began; outside a scope the database is asked."""
    return _pinned.get() or _instant.get() or _database_time()


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Let `now()` answer `instant` (aware) inside the block, whatever scopes open in it: for seeding and tests."""
    token = _pinned.set(instant)
    try:
        yield
    finally:
        _pinned.reset(token)


@contextmanager
def started(instant: datetime) -> Iterator[None]:
    """Hold the instant that a scope fetched when it opened; an inner scope keeps the outer one's."""
    token = _instant.set(_instant.get() or instant)
    try:
        yield
    finally:
        _instant.reset(token)


def _database_time() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        row = cursor.fetchone()
    instant: datetime = row[0]
    return instant
