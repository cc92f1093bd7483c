"""What becomes due with an order: outbox rows with the instant at which somebody looks again."""

from datetime import datetime

from orders.models import Order, Payment, Refund
from schools.outbox.queue import enqueue

EXPIRE, RELEASE, CLOSE, REFUND = "order_expiry", "order_hold", "payment_close", "refund"


def schedule_expiry(order: Order) -> None:
    """Look at the unpaid order when it expires."""
    if order.expires_at:
        key = f"order:{order.pk}:{order.expires_at:%s}"
        enqueue(EXPIRE, dedupe_key=key, payload={"order": order.pk}, available_at=order.expires_at)


def schedule_release(order: Order) -> None:
    """Look at the hold of the unpaid order when it ends; a hold made longer has a row for each of its ends."""
    if order.held_until:
        key = f"order:{order.pk}:{order.held_until:%s}"
        enqueue(RELEASE, dedupe_key=key, payload={"order": order.pk}, available_at=order.held_until)


def close_later(payment: Payment) -> None:
    """Have the payment's session closed at the provider; also when it was opened only after this was asked first."""
    if payment.connection_id and payment.provider_ref:
        enqueue(CLOSE, dedupe_key=f"payment:{payment.pk}", payload={"payment": payment.pk})


def refund_later(refund: Refund, *, at: datetime | None = None) -> None:
    """Ask the provider to give the money back; asked again at an instant when it could not be reached."""
    key = f"payment:{refund.payment_id}:refund:{refund.pk}" + (f":{at:%s}" if at else "")
    enqueue(REFUND, dedupe_key=key, payload={"refund": refund.pk}, available_at=at)
