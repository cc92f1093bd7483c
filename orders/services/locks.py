"""Row locks in the order that everybody keeps: contact, order, payment, offer, coupon, code."""

from typing import Any

from contacts.models import Contact
from coupons.models import Redemption
from orders.models import Order, Payment


def locked_contact(contact_id: int) -> Contact:
    """The contact, locked; rows that merely point at it are not held up."""
    return Contact.objects.select_for_update(of=("self",), no_key=True).get(pk=contact_id)


def locked_order(order_id: int) -> Order:
    """The order as it is now, locked for the rest of the transaction."""
    return Order.objects.select_for_update(of=("self",), no_key=True).get(pk=order_id)


def locked_order_and_user(order: Order) -> Order:
    """The order, locked; before it the contact whose coupon use it has, so that uses can be counted."""
    if order.discount_minor:
        users = Redemption.objects.filter(order_discounts__order=order.pk).values("contact")
        list(Contact.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=users).order_by("pk"))
    locked = locked_order(order.pk)
    _take_over(locked, order)
    return locked


def _take_over(locked: Order, order: Order) -> None:
    """What was read beside the order needs no second look while the lock shows it still points there."""
    for name in ("contact", "offer"):
        field: Any = Order._meta.get_field(name)
        if field.is_cached(order) and getattr(locked, field.attname) == getattr(order, field.attname):
            field.set_cached_value(locked, field.get_cached_value(order))


def locked_payment(payment_id: int) -> Payment:
    """The payment as it is now, locked; its order is locked first by whoever calls."""
    return Payment.objects.select_for_update(of=("self",), no_key=True).get(pk=payment_id)
