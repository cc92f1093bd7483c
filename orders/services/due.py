"""What becomes due with an order: outbox rows with the instant at which somebody looks again."""

from datetime import datetime

from orders.models import Order, Payment, Refund
from schools.models import OutboxRow
from schools.outbox.queue import enqueue

EXPIRE, RELEASE, CLOSE, REFUND = "order_expiry", "order_hold", "payment_close", "refund"


def schedule_expiry(order: Order) -> None:
    """Look at the unpaid order when it expires."""
    if order.expires_at:
        key = f"order:{order.pk}:{order.expires_at.isoformat()}"
        enqueue(EXPIRE, dedupe_key=key, payload={"order": order.pk}, available_at=order.expires_at)


def schedule_release(order: Order) -> None:
    """Look at the hold of the unpaid order when it ends; a hold made longer has a row for each of its ends."""
    if order.held_until:
        key = f"order:{order.pk}:{order.held_until.isoformat()}"
        enqueue(RELEASE, dedupe_key=key, payload={"order": order.pk}, available_at=order.held_until)


def close_later(payment: Payment) -> None:
    """Have the payment's session closed at the provider; also when it was opened only after this was asked first."""
    if payment.connection_id and payment.provider_ref:
        enqueue(CLOSE, dedupe_key=f"payment:{payment.pk}", payload={"payment": payment.pk})


def refund_later(refund: Refund) -> None:
    """Ask the provider to give the money back."""
    key = f"payment:{refund.payment_id}:refund:{refund.pk}"
    enqueue(REFUND, dedupe_key=key, payload={"refund": refund.pk})


def again(row: OutboxRow, at: datetime) -> None:
    """The same work once more at a later instant, by a row of its own."""
    key = f"{row.dedupe_key.split(':again:')[0]}:again:{at.isoformat()}"
    enqueue(row.kind, dedupe_key=key, payload=row.payload, available_at=at)
