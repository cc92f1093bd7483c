"""What an automation does, in plain sentences."""

from automations.actions import UnknownAction, action_of
from automations.models import AutomationVersion, Step
from automations.triggers import UnknownTrigger, trigger_of


def trigger_sentence(version: AutomationVersion) -> str:
    """What starts it, with the names of what was chosen; empty when nothing was chosen yet."""
    try:
        return str(trigger_of(version.trigger).label) if version.trigger else ""
    except UnknownTrigger:
        return version.trigger


def step_sentence(step: Step) -> str:
    """What a step does, with the names of what was chosen."""
    try:
        return action_of(step.kind).sentence(step)
    except UnknownAction:
        return str(step.get_kind_display())
