"""Captured money meets its order: it settles it, or stands for review until a person decides (P4, P6, P9)."""

from kwiga import clock
from orders.models import Order, Payment
from orders.selectors.money import due_minor
from orders.services.completing import complete_order
from orders.services.regaining import regain
from orders.services.replacing import was_bought_already
from orders.services.seats import HOLD
from schools.journal import record_event
from schools.models import User

AMOUNT, CURRENCY, REFERENCE = "amount", "currency", "reference"
DEAD_ORDER, SECOND_PAYMENT, ONCE_ONLY = "dead_order", "second_payment", "once_only"


def obstacle_of(order: Order) -> str:
    """Why money that arrived for a locked order cannot settle it; empty when it can.

    Holds again what was lost.
    """
    if order.is_settled:
        return SECOND_PAYMENT
    if order.is_dead:
        return DEAD_ORDER
    if was_bought_already(order):
        return ONCE_ONLY
    return regain(order, clock.now() + HOLD)


def settle(order: Order, payment: Payment, *, actor: User | None = None, mail: bool = True) -> Order:
    """Count a captured payment for its locked order: paid when what is due is covered, else partly paid."""
    if not due_minor(order):
        return complete_order(order, payment=payment, actor=actor, mail=mail)
    order.state = Order.State.PART_PAID
    order.closed_at, order.close_reason = None, ""
    order.is_test = order.is_test or payment.is_test
    order.save(update_fields=["state", "closed_at", "close_reason", "is_test"])
    return order


def hold_for_review(payment: Payment, reason: str, **facts: object) -> None:
    """Captured money that fits nothing: it opens nothing, and a person is asked to accept it or give it back."""
    payment.needs_review_at, payment.review_reason = clock.now(), reason
    payment.save(update_fields=["needs_review_at", "review_reason"])
    record_event(
        "payment.review_needed", subject=payment.order, data={"payment": payment.pk, "reason": reason, **facts}
    )
