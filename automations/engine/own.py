"""What the engine listens to, and the outbox rows it knows."""

from automations.actions.coupons import ACTIVATION, ActivationEffect
from automations.engine import advancing, paid, plans, starting, stopping, sweeping
from automations.triggers import all_triggers
from automations.triggers.people import BY_HAND
from schools.outbox import effects
from schools.outbox.listeners import listen


def register_own() -> None:
    """Listen to the kinds of all triggers that are registered by now, and to what ends runs."""
    for kind in {kind for trigger in all_triggers() for kind in trigger.kinds} | {BY_HAND}:
        listen(kind, starting.start_runs)
    listen("order.paid", paid.end_paid_runs)
    listen("contact.erased", stopping.end_runs_of_erased)
    effects.register(plans.KIND, advancing.RunEffect())
    effects.register(starting.KIND, starting.StartEffect())
    effects.register(stopping.KIND, stopping.StopEffect())
    effects.register(sweeping.KIND, sweeping.SweepEffect())
    effects.register(ACTIVATION, ActivationEffect())
