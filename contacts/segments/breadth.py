"""How many people conditions are asked of: a few, whose rows are looked up, or all, whose rows are counted in one go.

Both ways find the same people; only the time differs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_of_few: ContextVar[bool] = ContextVar("conditions are asked of few", default=False)


@contextmanager
def of_few() -> Iterator[None]:
    """While conditions are read that a handful of people is asked about."""
    token = _of_few.set(True)
    try:
        yield
    finally:
        _of_few.reset(token)


def is_of_few() -> bool:
    """Whether a condition should look up rows contact by contact."""
    return _of_few.get()
