"""An order whose time was over can be paid again: a new link, a new end, the agreed price."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from orders.errors import OnceOnly, OrderRefused
from orders.links import renew_pay_link
from orders.models import Order
from orders.services.due import schedule_expiry, schedule_release
from orders.services.locks import locked_order_and_user
from orders.services.regaining import regain_or_refuse
from orders.services.replacing import was_bought_already
from schools.journal import record_event
from schools.models import User


@transaction.atomic
def reissue_order(*, order: Order, expires_at: datetime, actor: User | None) -> Order:
    """Let an expired or unpaid order be paid until `expires_at`, by a new link; its seat and coupon are held as long.

    Raises OrderRefused for an order in another state or an instant that has passed, SoldOut, CouponGone,
    OnceOnly.
    """
    locked = locked_order_and_user(order)
    if locked.state not in (Order.State.PENDING, Order.State.EXPIRED) or expires_at <= clock.now():
        raise OrderRefused(_("A new link needs an unpaid or expired order, and a time that is still to come."))
    if was_bought_already(locked):
        raise OnceOnly
    regain_or_refuse(locked, expires_at)
    locked.state, locked.expires_at, locked.closed_at = Order.State.PENDING, expires_at, None
    if locked.seat == Order.Seat.HELD or locked.discount_minor:
        locked.held_until = expires_at
    locked.save(update_fields=["state", "expires_at", "closed_at", "held_until"])
    schedule_expiry(locked)
    schedule_release(locked)
    record_event("order.reissued", subject=locked, actor=actor)
    return renew_pay_link(order=locked, actor=actor)
