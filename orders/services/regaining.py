"""What an unpaid order holds lasts shorter than the order: paying it later holds its seat and coupon again."""

from datetime import datetime

from orders.errors import CouponGone, SoldOut
from orders.models import Order
from orders.services.coupon_uses import regain_uses
from orders.services.seats import give_seat_back, regain_seat

NO_SEAT, NO_COUPON = "no_seat", "no_coupon"


def regain(order: Order, until: datetime) -> str:
    """Hold the seat and the coupon uses of a locked order until then; what cannot be had, or nothing when all can."""
    was_lost = order.seat == Order.Seat.RELEASED
    if not regain_seat(order, until):
        return NO_SEAT
    if regain_uses(order, until):
        return ""
    if was_lost:
        give_seat_back(order)
    return NO_COUPON


def regain_or_refuse(order: Order, until: datetime) -> None:
    """The same. Raises SoldOut, CouponGone."""
    missing = regain(order, until)
    if missing == NO_SEAT:
        raise SoldOut
    if missing:
        raise CouponGone(order)
