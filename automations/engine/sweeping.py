"""Triggers of the clock: an outbox row looks for what came due and puts the next one."""

from automations.models import Automation


def begin_sweeping(automation: Automation) -> None:
    """Look for what the clock brings, if the live version's trigger is one of the clock's."""
