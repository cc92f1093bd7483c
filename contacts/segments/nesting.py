"""Lists in the conditions of lists: which lists are being asked, so that a circle ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LISTS_DEEP = 3  # so many dynamic lists may stand in each other

_asked: ContextVar[tuple[int, ...]] = ContextVar("lists asked", default=())


@contextmanager
def asking(list_id: int) -> Iterator[None]:
    """While the conditions of that list are read."""
    token = _asked.set((*_asked.get(), list_id))
    try:
        yield
    finally:
        _asked.reset(token)


def may_ask(list_id: int) -> bool:
    """Whether that list's conditions can be read here: not inside itself, and not too deep."""
    asked = _asked.get()
    return list_id not in asked and len(asked) < LISTS_DEEP
