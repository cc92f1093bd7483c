"""Places in the worker where a process dies as by kill -9, each once; the test says where, by files in a folder."""

import fcntl
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connections

from automations.actions import Action, Outcome, registry
from automations.engine import plans
from automations.engine.advancing import RunEffect
from automations.models import Run, RunStep, Step
from automations.webhooks.send import KIND as WEBHOOK
from automations.webhooks.send import Call, WebhookEffect
from kwiga.outbound import Answer
from schools.mail.effect import MailEffect
from schools.mail.letters import Letter
from schools.models import OutboxRow
from schools.outbox import effects
from schools.outbox.events import EventEffect
from schools.tenancy.scope import school_scope

CARELESS = "careless"


class Traps:
    """A file named like a place holds how many may still pass it; the next one dies there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def lay(self, place: str, passers: int = 0) -> None:
        """Let so many pass, and kill the next one."""
        (self.folder / place).write_text(str(passers))

    def sprung(self) -> list[str]:
        """The places where somebody died."""
        return sorted(path.name for path in self.folder.iterdir() if path.read_text() == "-1")

    def clear(self) -> None:
        for path in self.folder.iterdir():
            path.unlink()

    def pass_by(self, place: str) -> None:
        """Die here, if the trap is laid and it is this one's turn."""
        try:
            with (self.folder / place).open("r+") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                left = int(file.read())
                if left < 0:
                    return
                file.seek(0)
                file.write(str(left - 1))
                file.truncate()
                file.flush()
        except FileNotFoundError:
            return
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def has(self, name: str) -> bool:
        return (self.folder / name).exists()


def arm(folder: Path) -> None:
    """Put the traps of this folder into the effects and steps of this process."""
    traps = Traps(folder)
    effects.register("event", _told(traps))
    effects.register("mail", _mailed(traps))
    effects.register(WEBHOOK, _called(traps))
    effects.register(plans.KIND, _advanced(traps))
    for kind, action in list(registry._actions.items()):
        registry.register(kind, _DeadlyAction(action, traps))


class _DeadlyAction(Action):
    """A step with a trap on either side; a careless one does not wait for the books of the run."""

    def __init__(self, action: Action, traps: Traps) -> None:
        self._action, self._traps = action, traps

    def perform(self, run: Run, step: Step, run_step: RunStep) -> Outcome:
        self._traps.pass_by(f"before-{step.position}")
        perform: Callable[[], Outcome] = lambda: self._action.perform(run, step, run_step)  # noqa: E731
        is_careless = step.kind == Step.Kind.COUPON and self._traps.has(CARELESS)
        outcome = _apart(run.school_id, run_step, perform) if is_careless else perform()
        self._traps.pass_by(f"after-{step.position}")
        return outcome


def _apart(school_id: int, run_step: RunStep, perform: Callable[[], Outcome]) -> Outcome:
    """In a transaction of its own, on a connection of its own."""
    found: list[Outcome] = []

    def act() -> None:
        try:
            with school_scope(school_id):
                found.append(perform())
        finally:
            connections.close_all()

    thread = threading.Thread(target=act)
    thread.start()
    thread.join()
    return found[0]


def _told(traps: Traps) -> EventEffect:
    class Told(EventEffect):
        def apply(self, row: OutboxRow) -> None:
            super().apply(row)
            traps.pass_by("told")

    return Told()


def _advanced(traps: Traps) -> RunEffect:
    class Advanced(RunEffect):
        def apply(self, row: OutboxRow) -> None:
            super().apply(row)
            traps.pass_by("advanced")

    return Advanced()


def _mailed(traps: Traps) -> MailEffect:
    class Mailed(MailEffect):
        def perform(self, prepared: Letter) -> str:
            outcome = super().perform(prepared)
            traps.pass_by("mailed")
            return outcome

        def record(self, row: OutboxRow, outcome: Any) -> None:
            super().record(row, outcome)
            traps.pass_by("recorded")

    return Mailed()


def _called(traps: Traps) -> WebhookEffect:
    class Called(WebhookEffect):
        def perform(self, prepared: Call) -> Answer:
            answer = super().perform(prepared)
            traps.pass_by("called")
            return answer

    return Called()
