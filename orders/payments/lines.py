"""The line to a provider: few calls at once, and none for a while when it does not answer (trust F5)."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from orders.payments.protocol import ProviderDown
from schools.tenancy.scope import refuse_in_scope

CONNECT_SECONDS, READ_SECONDS = 2.0, 5.0
_CALLS_AT_ONCE, _PATIENCE_SECONDS = 4, 1.0
_FAILURES, _PAUSE_SECONDS = 5, 10.0


class Line:
    """Shared by the threads of a process; after a row of failures callers are refused at once, so pages stay quick."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(_CALLS_AT_ONCE)
        self._failures = 0
        self._closed_until = 0.0

    @contextmanager
    def call(self) -> Iterator[None]:
        """Hold a place while one call is made. Raises ProviderDown when there is none, or during a pause."""
        refuse_in_scope("A call to a payment provider")
        if time.monotonic() < self._closed_until:
            raise ProviderDown("paused after failures")
        if not self._places.acquire(timeout=_PATIENCE_SECONDS):
            raise ProviderDown("too many calls at once")
        try:
            yield
        except ProviderDown:
            self._count_failure()
            raise
        else:
            self._failures = 0
        finally:
            self._places.release()

    def _count_failure(self) -> None:
        self._failures += 1
        if self._failures >= _FAILURES:
            self._closed_until = time.monotonic() + _PAUSE_SECONDS


_lines: dict[str, Line] = {}
_lock = threading.Lock()


def line_to(address: str) -> Line:
    """The one line of this process to that address."""
    with _lock:
        return _lines.setdefault(address, Line())


def forget() -> None:
    """Every line is open again: for tests, which break providers on purpose."""
    with _lock:
        _lines.clear()
