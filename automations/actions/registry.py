"""What the steps of an automation do: the register that apps fill in `AppConfig.ready()`."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise

from automations.models import Run, RunStep, Step
from kwiga.errors import DomainError


@dataclass(frozen=True)
class Outcome:
    """What became of a step. DONE goes on to the next one; WAITING tries the same one again at `wait_until`.

    SKIPPED and FAILED end the run: no action, no next step (K16). `data` holds ids and plain facts.
    """

    state: str = RunStep.State.DONE
    reason: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    wait_until: datetime | None = None
    ends_run: bool = False  # a step that was done and was the last one


class StepFailed(DomainError):
    """A step cannot be done; `reason` is a code of `automations.reasons`."""

    def __init__(self, reason: str, message: str | Promise = "") -> None:
        super().__init__(message or reason)
        self.reason = reason


class Action(ABC):
    """One kind of step."""

    @abstractmethod
    def perform(self, run: Run, step: Step, run_step: RunStep) -> Outcome:
        """Do it, in the transaction that writes the outcome. Talk to the outside world through the outbox alone.

        Raises DomainError when it cannot be done: the step has then failed, and the run ends.
        """

    def waits_until(self, step: Step) -> datetime | None:
        """When runs that come to this step now go on, where all do nothing but wait; None for any other step."""
        return None

    def problems(self, step: Step) -> Iterable[str]:
        """Why an automation with this step cannot be switched on, as sentences for its author."""
        return ()

    def sentence(self, step: Step) -> str:
        """What the step does, in a plain sentence."""
        return str(step.get_kind_display())


class UnknownAction(LookupError):
    """A step of a kind that nobody registered."""


_actions: dict[str, Action] = {}


def register(kind: str, action: Action) -> None:
    """Let steps of this kind be done by `action`; the last one registered wins."""
    _actions[kind] = action


def action_of(kind: str) -> Action:
    """The action of a kind. Raises UnknownAction."""
    if kind not in _actions:
        raise UnknownAction(kind)
    return _actions[kind]


def known_kinds() -> list[str]:
    """The kinds of steps that can be chosen."""
    return list(_actions)
