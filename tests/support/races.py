"""Two or more things at once, in real threads on connections of their own."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections


def race(*actions: Callable[[], Any]) -> list[Any]:
    """Start all actions at the same moment; what each returned or raised, in their order."""
    start, outcomes = threading.Barrier(len(actions)), [None] * len(actions)

    def run(place: int, action: Callable[[], Any]) -> None:
        try:
            start.wait(10)
            outcomes[place] = action()
        except Exception as error:
            outcomes[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads), "the race never ended"
    return outcomes


class Meeting:
    """A place in the code where all racers wait for each other; who is held up elsewhere is not waited for long."""

    def __init__(self, racers: int, patience: float = 0.7) -> None:
        self._barrier, self._patience = threading.Barrier(racers), patience

    def wait(self) -> None:
        try:
            self._barrier.wait(self._patience)
        except threading.BrokenBarrierError:
            return
