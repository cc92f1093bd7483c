"""Refusals of the automations app, to the team."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kwiga.errors import DomainError


class AutomationError(DomainError):
    """What an automation may not say, or may not do."""


class ActionRefused(AutomationError):
    """Its state forbids it."""

    def __init__(self) -> None:
        super().__init__(_("This is not possible any more: the automation has changed meanwhile."))


class VersionPublished(AutomationError):
    """Published versions stay as they are, because runs go by them."""

    def __init__(self) -> None:
        super().__init__(_("This version is in use and stays as it is. Change the draft."))


class SettingsRefused(AutomationError):
    """A setting of the automation, its trigger or a step cannot be so; `field` is its name."""

    def __init__(self, field: str, message: object) -> None:
        super().__init__(str(message))
        self.field = field


@dataclass(frozen=True)
class Problem:
    """Why a version cannot be switched on: a sentence, and the step it is about, if it is about one."""

    step_position: int | None
    sentence: str


class NotReady(AutomationError):
    """Something is missing before the automation can be switched on."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(_("Something is missing before the automation can be switched on."))
        self.problems = tuple(problems)


class RunRefused(AutomationError):
    """The run is not in a state for this."""

    def __init__(self) -> None:
        super().__init__(_("This is not possible any more: the run went on meanwhile."))


class NotByHand(AutomationError):
    """Its trigger tells what its runs are about, and a person alone does not."""

    def __init__(self) -> None:
        super().__init__(_("Only an automation that is on and is about nothing but the contact is started by hand."))
