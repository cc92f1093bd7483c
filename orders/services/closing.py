"""An unpaid order ends: canceled by somebody, replaced by a newer one, or expired."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from offers.models import Offer
from orders.errors import OrderRefused
from orders.models import Order, Payment
from orders.selectors.money import due_minor
from orders.services.coupon_uses import CANCELED, EXPIRED, HOLD_ENDED, REPLACED, release_uses
from orders.services.due import close_later
from orders.services.locks import locked_order
from orders.services.seats import give_seat_back
from orders.states import order_may
from schools.journal import record_event
from schools.models import User


@transaction.atomic
def cancel_order(*, order: Order, reason: str, actor: User | None) -> Order:
    """Cancel an unpaid order and give its seat and coupon back; a session that is open is closed after the commit.

    A partly paid order is unpaid again once all of it was given back.

    Money that arrives all the same is recorded and stands for review. Raises OrderRefused for a paid order; canceling
    a canceled or expired one changes nothing.
    """
    locked = locked_order(order.pk)
    if locked.is_dead:
        return locked
    _check_unpaid(locked)
    give_seat_back(locked)
    release_uses(locked, CANCELED)
    _close(locked, Order.State.CANCELED, reason)
    record_event("order.canceled", subject=locked, actor=actor, data={"reason": reason[:40]})
    return locked


@transaction.atomic
def expire_order(*, order: Order) -> Order:
    """End an unpaid order whose time is over, together with its holds; anything else is left alone.

    Its session is closed before, by the outbox row that looks at it (`orders.effects`).
    """
    locked = locked_order(order.pk)
    if locked.state != Order.State.PENDING or locked.expires_at is None or locked.expires_at > clock.now():
        return locked
    give_seat_back(locked)
    release_uses(locked, EXPIRED)
    _close(locked, Order.State.EXPIRED, "")
    record_event("order.expired", subject=locked)
    return locked


@transaction.atomic
def release_hold(*, order: Order) -> Order:
    """Give seat and coupon of an unpaid order back when its hold is over; the order itself can still be paid, if they
    can be had then. Its session is closed before, by the outbox row that looks at it.
    """
    locked = locked_order(order.pk)
    if locked.state != Order.State.PENDING or locked.held_until is None or locked.held_until > clock.now():
        return locked
    stop_payments(locked)
    if locked.seat == Order.Seat.HELD:
        give_seat_back(locked)
        record_event("order.seat_released", subject=locked)
    release_uses(locked, HOLD_ENDED)
    return locked


def replace_order(*, order: Order, offer: Offer) -> bool:
    """Cancel the contact's older order for a newer one of that offer; True when its seat is the newer one's now.

    Its coupon use is given back in this transaction, in which the newer order takes it.
    """
    locked = locked_order(order.pk)
    if locked.state != Order.State.PENDING:
        return False
    moves = locked.seat == Order.Seat.HELD and locked.offer_id == offer.pk and offer.seats is not None
    if moves:
        # The counter stays: the newer order has this seat.
        locked.seat = Order.Seat.RELEASED
        locked.save(update_fields=["seat"])
    give_seat_back(locked)
    release_uses(locked, REPLACED)
    _close(locked, Order.State.CANCELED, REPLACED)
    record_event("order.canceled", subject=locked, data={"reason": REPLACED})
    return moves


def _check_unpaid(order: Order) -> None:
    has_money = order.state == Order.State.PART_PAID and due_minor(order) < order.total_minor
    if not order_may(order.state, Order.State.CANCELED) or has_money:
        raise OrderRefused(_("Only an unpaid order can be canceled. Give the money of a paid one back instead."))


def _close(order: Order, state: str, reason: str) -> None:
    order.state, order.closed_at, order.close_reason = state, clock.now(), reason[:40]
    order.save(update_fields=["state", "closed_at", "close_reason"])
    stop_payments(order)


def stop_payments(order: Order) -> None:
    """End what is open of a locked order on our side; sessions at providers are closed after the commit."""
    for payment in Payment.objects.select_for_update(of=("self",)).filter(order=order, state__in=Payment.OPEN):
        payment.state = Payment.State.CANCELED
        payment.save(update_fields=["state"])
        close_later(payment)
