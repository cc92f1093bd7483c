"""The steps of automations."""

from automations.actions.registry import (
    Action,
    Outcome,
    StepFailed,
    UnknownAction,
    action_of,
    known_kinds,
    register,
)

__all__ = ["Action", "Outcome", "StepFailed", "UnknownAction", "action_of", "known_kinds", "register"]
