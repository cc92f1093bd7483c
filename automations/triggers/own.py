"""The triggers that this app brings."""

from automations.triggers import coupons, learning, orders, people


def register_own() -> None:
    """Register them, group by group, as they are chosen from."""
    learning.register_own()
    orders.register_own()
    people.register_own()
    coupons.register_own()
