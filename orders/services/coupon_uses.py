"""Coupon uses of orders: held with the order, confirmed with its payment, given back with its end.

An order without a discount has none, and costs no statement here.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import BigIntegerField

from contacts.models import Contact
from coupons.codes import CodeRefused, code_key
from coupons.models import Coupon, Redemption
from coupons.services.errors import UseRefused
from coupons.services.redeeming import confirm_use, hold_use, rehold_use, release_use
from orders.models import Order, OrderDiscount, OrderLine, OrderLineDiscount
from orders.selectors.quote import Quote
from schools.journal import recorded_together
from schools.tenancy.statements import Given, Statement

CANCELED, EXPIRED, HOLD_ENDED, REPLACED, REFUNDED = "canceled", "expired", "hold_ended", "replaced", "refunded"
_UNPAID = Statement(
    lambda: (
        OrderDiscount.objects.select_related("order", "redemption__coupon")
        .filter(
            redemption__contact=Given("contact", BigIntegerField()),
            redemption__state=Redemption.State.HELD,
            redemption__code__code_key=Given("key"),
            order__state=Order.State.PENDING,
        )
        .order_by("id")
    )
)


def keep_use(order: Order, line: OrderLine, quote: Quote) -> None:
    """Hold the use of the quoted coupon for a new order until its hold ends, with the line's share of the discount.

    The contact is locked. Raises UseRefused when it cannot be had any more.
    """
    if quote.coupon is None or quote.coupon_code is None or order.held_until is None:
        return
    redemption = hold_use(
        coupon=quote.coupon,
        code=quote.coupon_code,
        contact=order.contact,
        amount_minor=quote.discount_minor,
        currency=quote.currency,
        held_until=order.held_until,
    )
    given = OrderDiscount(
        school_id=order.school_id,
        order=order,
        redemption=redemption,
        code=quote.coupon_code.code,
        amount_minor=quote.discount_minor,
    )
    given.save(force_insert=True)
    share = OrderLineDiscount(
        school_id=order.school_id, line=line, discount=given, amount_minor=quote.lines[0].discount_minor
    )
    share.save(force_insert=True)


def confirm_uses(order: Order) -> None:
    """The locked order is paid: its uses count as used."""
    for redemption in _uses_of(order):
        confirm_use(redemption=redemption, order_id=order.pk)


def release_uses(order: Order, reason: str) -> None:
    """Give back what the locked order holds or has used."""
    for redemption in _uses_of(order):
        release_use(redemption=redemption, reason=reason, order_id=order.pk)


def regain_uses(order: Order, until: datetime) -> bool:
    """Hold the uses of a locked order until then, again where their hold was over; False when one cannot be had.

    The contact is locked (`locks.locked_order_and_user`).
    """
    try:
        with transaction.atomic(savepoint=bool(order.discount_minor)), recorded_together():
            for redemption in _uses_of(order):
                rehold_use(redemption=redemption, until=until)
    except UseRefused:
        return False
    return True


def unpaid_uses(typed: str, contact: Contact) -> list[OrderDiscount]:
    """The uses of a typed code that unpaid orders of this contact hold, oldest first."""
    try:
        key = code_key(typed)
    except CodeRefused:
        return []
    return _UNPAID.all(contact=contact.pk, key=key)


def is_short(coupon: Coupon, contact: Contact) -> bool:
    """Whether a limit of the coupon is reached for this locked contact, or in all."""
    if coupon.max_uses is not None and coupon.uses >= coupon.max_uses:
        return True
    counted = Redemption.objects.filter(coupon=coupon, contact=contact, state__in=Redemption.COUNTED)
    return coupon.max_uses_per_contact is not None and counted.count() >= coupon.max_uses_per_contact


def _uses_of(order: Order) -> list[Redemption]:
    if not order.discount_minor:
        return []
    uses = Redemption.objects.select_related("coupon").filter(order_discounts__order=order)
    return list(uses.order_by("coupon_id"))
