"""The only way to reach a school's rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction

from kwiga import clock

if TYPE_CHECKING:
    from schools.models import School

_current: ContextVar[int | None] = ContextVar("school", default=None)

_SET_SCHOOL = "SELECT set_config('app.school_id', %s, true), statement_timestamp()"


class ScopeError(RuntimeError):
    """A school's row was asked for outside `school_scope`, or the outside world from inside one."""


@contextmanager
def school_scope(school: "School | int") -> Iterator[None]:
    """Open a transaction in which this school's rows, and no others, can be read and written.

    The school is set locally to the transaction, so a pooler cannot carry it to another request. Scopes nest: the
    inner one is a savepoint, and the outer school is set again behind it.
    """
    school_id = school if isinstance(school, int) else school.pk
    inside = connection.in_atomic_block
    outer = _current.get()
    with transaction.atomic():
        token = _current.set(school_id)
        try:
            with clock.started(_set_school(school_id)):
                yield
        finally:
            _current.reset(token)
    if inside and outer != school_id:
        # A released savepoint keeps the inner value; one rolled back restores the outer by itself.
        _set_school(outer)


def current_school_id() -> int:
    """The school of the open scope. Raises ScopeError outside one."""
    school_id = _current.get()
    if school_id is None:
        raise ScopeError("No school: open `with school_scope(school):` around this query.")
    return school_id


def in_scope() -> bool:
    """Whether a scope is open, that is, a transaction is running."""
    return _current.get() is not None


def refuse_in_scope(what: str) -> None:
    """Raise ScopeError when a scope is open: conversations with the outside world happen after the commit."""
    if in_scope():
        raise ScopeError(f"{what} inside a school scope: leave the transaction first.")


def _set_school(school_id: int | None) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute(_SET_SCHOOL, [str(school_id or "")])
        row = cursor.fetchone()
    instant: datetime = row[1]
    return instant


@contextmanager
def user_scope(user_id: int) -> Iterator[None]:
    """A transaction in which a person's own memberships in all schools can be read, for the switcher."""
    inside = connection.in_atomic_block
    with transaction.atomic():
        _set_user(user_id)
        yield
    if inside:
        _set_user(None)


def _set_user(user_id: int | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.user_id', %s, true)", [str(user_id or "")])
