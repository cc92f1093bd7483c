"""Orders with coupons, and a look at what is used."""

from coupons.models import Coupon, Redemption
from orders.models import Order
from orders.services.paying import mark_paid
from schools.models import Event
from schools.tenancy.scope import school_scope
from tests.factories.orders import placed


def with_coupon(offer, code="SPRING", **said):
    """The order of a checkout that shows the discount of 10 %."""
    return placed(offer, **({"code": code, "shown_total_minor": offer.price_minor * 9 // 10} | said)).order


def uses(coupon):
    """The counter, and the ledger by state."""
    with school_scope(coupon.school_id):
        states = Redemption.objects.filter(coupon=coupon).order_by("id").values_list("state", flat=True)
        return Coupon.objects.get(pk=coupon.pk).uses, list(states)


def pay(order):
    """The team has seen the money."""
    with school_scope(order.school_id):
        fresh = Order.objects.get(pk=order.pk)
        mark_paid(order=fresh, amount_minor=fresh.total_minor, comment="", actor=None)


def told(school, start="coupon."):
    """The kinds of events in the journal, oldest first."""
    with school_scope(school):
        return list(Event.objects.filter(kind__startswith=start).order_by("id").values_list("kind", flat=True))
