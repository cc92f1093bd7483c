"""Verbs of payments: begun by a buyer, confirmed by a provider (`apply_state`) or by the team, reviewed."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from orders.errors import OnceOnly, OrderRefused
from orders.models import Order, Payment, PaymentConnection
from orders.payments.registry import provider_of
from orders.selectors.money import counted_payments, due_minor, refundable_minor, uncovered_minor
from orders.services.applying import apply_state
from orders.services.closing import stop_payments
from orders.services.due import close_later, schedule_release
from orders.services.locks import locked_order_and_user, locked_payment
from orders.services.refunds import request_refund
from orders.services.regaining import regain_or_refuse
from orders.services.replacing import was_bought_already
from orders.services.seats import HOLD
from orders.services.settling import settle
from schools.journal import record_event
from schools.models import User
from schools.tenancy.scope import current_school_id

__all__ = ["accept_review", "apply_state", "mark_paid", "refund_review", "start_payment"]

OUTSIDE = "outside"


@transaction.atomic
def start_payment(*, order: Order, connection: PaymentConnection) -> Payment:
    """The payment that the buyer is about to make with this connection, for what is due; one is open per order (P6).

    One that is open with the same connection is used again, also one that is being confirmed; another is given up and
    its session closed after the commit. A seat or coupon whose hold ended is held again. Raises OrderRefused for an
    order that is paid, closed or expired, SoldOut, CouponGone, OnceOnly.
    """
    locked = locked_order_and_user(order)
    _check_payable(locked)
    current = Payment.objects.select_for_update(of=("self",)).filter(order=locked, state__in=Payment.OPEN).first()
    counted = counted_payments(locked)
    due = uncovered_minor(locked, counted)
    if current and _serves(current, due, connection):
        return current
    if current:
        _give_up(current)
    _hold_for(locked, connection)
    payment = Payment.objects.create(
        school_id=current_school_id(),
        order=locked,
        connection=connection,
        provider=connection.provider,
        amount_minor=due,
        currency=locked.currency,
        part_no=1 + len(counted),
        session_ends_at=locked.held_until or locked.expires_at,
        is_test=connection.is_test,
    )
    record_event("payment.started", subject=locked, data=_facts(payment))
    return payment


@transaction.atomic
def mark_paid(*, order: Order, amount_minor: int, comment: str, actor: User | None, provider: str = OUTSIDE) -> Payment:
    """Write down money that the team has seen arrive, in minor units of the order's currency.

    An open bank transfer becomes this payment; other open payments are given up. An expired or canceled order comes
    alive again if its seat and coupon can be held. Raises OrderRefused for a paid order or a sum beyond what is due,
    SoldOut, CouponGone.
    """
    locked = locked_order_and_user(order)
    if locked.is_settled:
        raise OrderRefused(_("This order is paid already."))
    if not 1 <= amount_minor <= due_minor(locked):
        raise OrderRefused(_("Enter a sum above zero that is not more than what is due."))
    _hold_again(locked)
    payment = _awaited(locked, provider) or Payment(school_id=current_school_id(), provider=provider)
    stop_payments(locked)
    payment.order, payment.amount_minor, payment.currency = locked, amount_minor, locked.currency
    payment.part_no = payment.part_no if payment.pk else _next_part(locked)
    payment.state, payment.processed_at, payment.marked_by = Payment.State.CAPTURED, clock.now(), actor
    payment.comment = comment[:300]
    payment.save()
    record_event("payment.marked_paid", subject=locked, actor=actor, data=_facts(payment))
    settle(locked, payment, actor=actor)
    return payment


@transaction.atomic
def accept_review(*, payment: Payment, actor: User | None) -> Payment:
    """Count money under review for its order after all; what it does not cover stays due.

    Raises OrderRefused when the order is paid already, the currency is another, or money is on its way back; SoldOut
    when the order's seat went to somebody else, CouponGone.
    """
    order, locked = _under_review(payment)
    if order.is_settled:
        raise OrderRefused(_("This order is paid already: give the money back."))
    if locked.currency != order.currency:
        raise OrderRefused(_("The money is in another currency than the order: give it back."))
    if refundable_minor(locked) < locked.amount_minor:
        raise OrderRefused(_("A part of this money is on its way back: give back the rest."))
    _hold_again(order)
    stop_payments(order)
    locked.needs_review_at, locked.review_reason, locked.part_no = None, "", _next_part(order)
    locked.save(update_fields=["needs_review_at", "review_reason", "part_no"])
    record_event("payment.reviewed", subject=order, actor=actor, data=_facts(locked) | {"answer": "accepted"})
    settle(order, locked, actor=actor)
    return locked


@transaction.atomic
def refund_review(*, payment: Payment, reason: str, actor: User | None) -> Payment:
    """Give back all that is left of money under review. Raises OrderRefused, NotPossible, RefundRefused."""
    order, locked = _under_review(payment)
    record_event("payment.reviewed", subject=order, actor=actor, data=_facts(locked) | {"answer": "refunded"})
    request_refund(payment=locked, amount_minor=refundable_minor(locked), reason=reason, actor=actor)
    return locked_payment(locked.pk)


def _check_payable(order: Order) -> None:
    if order.is_settled:
        raise OrderRefused(_("This order is paid already."))
    if order.is_dead:
        raise OrderRefused(_("This order is closed and cannot be paid any more."))
    if order.state == Order.State.PENDING and order.expires_at and order.expires_at <= clock.now():
        raise OrderRefused(_("The time to pay for this order is over."))
    if was_bought_already(order):
        raise OnceOnly


def _serves(payment: Payment, due: int, connection: PaymentConnection) -> bool:
    """Whether the open payment is what the buyer asks for now, with so much to be paid."""
    if payment.state == Payment.State.PENDING:
        return True  # money is on its way: a second session could take it twice
    ended = payment.session_ends_at is not None and payment.session_ends_at <= clock.now()
    return payment.connection_id == connection.pk and payment.amount_minor == due and not ended


def _give_up(payment: Payment) -> None:
    payment.state = Payment.State.CANCELED
    payment.save(update_fields=["state"])
    close_later(payment)


def _hold_for(order: Order, connection: PaymentConnection) -> None:
    """See to it that the hold lasts as long as this way of paying takes: 30 minutes, or a transfer's days."""
    if order.held_until is None:
        return
    now, before = clock.now(), order.held_until
    is_offline = not provider_of(connection.provider).capabilities.online
    until = order.expires_at if is_offline and order.expires_at else now + HOLD
    is_longer = is_offline or before <= now
    regain_or_refuse(order, until if is_longer else before)
    if is_longer:
        order.held_until = until
        order.save(update_fields=["held_until"])
        schedule_release(order)


def _hold_again(order: Order) -> None:
    if was_bought_already(order):
        raise OnceOnly
    regain_or_refuse(order, clock.now() + HOLD)


def _awaited(order: Order, provider: str) -> Payment | None:
    """The open payment of that provider, confirmed by the team now."""
    mine = Payment.objects.select_for_update(of=("self",)).filter(order=order, provider=provider)
    payment = mine.filter(state__in=Payment.OPEN).first()
    if payment:
        # Out of the way of `stop_payments`; saved as captured by the caller.
        payment.state = Payment.State.CAPTURED
        payment.save(update_fields=["state"])
    return payment


def _under_review(payment: Payment) -> tuple[Order, Payment]:
    order = locked_order_and_user(payment.order)
    locked = locked_payment(payment.pk)
    if locked.needs_review_at is None:
        raise OrderRefused(_("Somebody has decided about this payment already."))
    locked.order = order
    return order, locked


def _next_part(order: Order) -> int:
    """Parts are numbered by what was captured and counts."""
    return 1 + Payment.objects.captured().filter(order=order, review_reason="").count()


def _facts(payment: Payment) -> dict[str, object]:
    return {"payment": payment.pk, "amount_minor": payment.amount_minor, "currency": payment.currency}
