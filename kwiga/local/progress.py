"""Says what a command is doing: one line a step, with the time it took."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def step(title: str) -> Iterator[None]:
    """Prints `title … 0.4 s`; when the step fails, the line is closed and the error goes on."""
    begun = time.monotonic()
    print(f"{title} …", end=" ", flush=True)
    try:
        yield
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - begun:.1f} s", flush=True)


def complain(sentence: str) -> None:
    """Prints a sentence on standard error."""
    print(sentence, file=sys.stderr, flush=True)
