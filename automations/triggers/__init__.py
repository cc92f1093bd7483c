"""What starts automations."""

from automations.triggers.registry import (
    ClockRule,
    Occurrence,
    Settings,
    Trigger,
    UnknownTrigger,
    all_triggers,
    register,
    trigger_of,
    triggers_on,
)

__all__ = [
    "ClockRule",
    "Occurrence",
    "Settings",
    "Trigger",
    "UnknownTrigger",
    "all_triggers",
    "register",
    "trigger_of",
    "triggers_on",
]
