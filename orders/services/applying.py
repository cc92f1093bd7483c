"""The one state machine: what a provider says about a payment, applied in whatever order and however often it comes."""

from django.db import transaction

from kwiga import clock
from orders.models import Order, Payment
from orders.payments.protocol import PaymentState, Status
from orders.services.locks import locked_order_and_user, locked_payment
from orders.services.refunds import apply_refunds, give_back_second
from orders.services.settling import (
    AMOUNT,
    CURRENCY,
    REFERENCE,
    SECOND_PAYMENT,
    hold_for_review,
    obstacle_of,
    settle,
)
from orders.states import payment_climbs
from schools.journal import record_event, recorded_together

_TARGETS = {
    Status.OPEN: Payment.State.CREATED,
    Status.PENDING: Payment.State.PENDING,
    Status.FAILED: Payment.State.FAILED,
    Status.CANCELED: Payment.State.CANCELED,
    Status.PAID: Payment.State.CAPTURED,
}


@transaction.atomic(savepoint=False)
def apply_state(*, payment: Payment, state: PaymentState) -> Payment:
    """Bring a payment and its order up to what the provider says now; what is known already changes nothing.

    Order, then payment are locked. A payment only climbs (`orders.states`), so what is no news for the row as it was
    read is none under the lock either. Captured money settles the order when amount, currency and reference match and
    the order can still be paid; else it stands for review and opens nothing.
    Raises Payment.DoesNotExist for a payment of another school.
    """
    target = _TARGETS[state.status]
    known = Payment.objects.select_related("order__contact", "order__offer").get(pk=payment.pk)
    if not payment_climbs(known.state, target) and not state.refunds:
        return known
    order = locked_order_and_user(known.order)
    locked = locked_payment(payment.pk)
    locked.order = order
    if payment_climbs(locked.state, target):
        _climb(order, locked, state)
    apply_refunds(order, locked, state.refunds)
    return locked


def _climb(order: Order, payment: Payment, state: PaymentState) -> None:
    if state.status == Status.PAID:
        _capture(order, payment, state)
        return
    was_open = payment.state in Payment.OPEN
    payment.state = _TARGETS[state.status]
    payment.provider_ref = payment.provider_ref or state.provider_ref
    payment.failure = state.failure[:200]
    payment.save(update_fields=["state", "provider_ref", "failure"])
    # An attempt that had been given up for another way to pay is nobody's disappointment.
    if was_open and state.status == Status.FAILED:
        record_event("payment.failed", subject=order, data=_facts(payment) | {"failure": payment.failure})


def _capture(order: Order, payment: Payment, state: PaymentState) -> None:
    mismatch = _mismatch(payment, state)
    expected = {"expected_minor": payment.amount_minor, "expected_currency": payment.currency}
    _write_capture(payment, state)
    reason = mismatch or obstacle_of(order)
    with recorded_together():
        record_event("payment.captured", subject=order, data=_facts(payment))
        if reason:
            hold_for_review(payment, reason, **(expected if mismatch else {}))
        else:
            settle(order, payment)
    if reason == SECOND_PAYMENT:
        give_back_second(payment)


def _mismatch(payment: Payment, state: PaymentState) -> str:
    """Which of reference, currency and amount is not ours (P4)."""
    named_otherwise = bool(payment.provider_ref) and payment.provider_ref != state.provider_ref
    if named_otherwise or (state.reference and state.reference != payment.token):
        return REFERENCE
    if state.currency != payment.currency:
        return CURRENCY
    return AMOUNT if state.amount_minor != payment.amount_minor else ""


def _write_capture(payment: Payment, state: PaymentState) -> None:
    """What arrived, not what was asked for: a refund has to give back the right money."""
    payment.state, payment.processed_at, payment.failure = Payment.State.CAPTURED, clock.now(), ""
    payment.amount_minor, payment.currency = state.amount_minor, state.currency
    payment.provider_ref = payment.provider_ref or state.provider_ref
    payment.is_test = payment.is_test or state.is_test
    fields = ["state", "processed_at", "failure", "amount_minor", "currency", "provider_ref", "is_test"]
    payment.save(update_fields=fields)


def _facts(payment: Payment) -> dict[str, object]:
    return {"payment": payment.pk, "amount_minor": payment.amount_minor, "currency": payment.currency}
