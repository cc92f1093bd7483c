"""A new order takes the use of the buyer's own older one over."""

import pytest

from orders.errors import Reserved
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory
from tests.factories.orders import sold_offer
from tests.support.coupons import pay, uses, with_coupon

pytestmark = pytest.mark.django_db


def test_ordering_again_in_the_same_browser_takes_the_use_over(school, offer, coupon):
    older = with_coupon(offer)
    newer = with_coupon(offer, own_orders=frozenset({older.number}))
    with school_scope(school):
        older.refresh_from_db()
    assert (older.state, older.close_reason, newer.state) == ("canceled", "replaced", "pending")
    assert uses(coupon) == (1, ["released", "held"])
    pay(newer)
    assert uses(coupon) == (1, ["released", "confirmed"])


def test_who_signed_in_takes_the_use_over_from_any_browser(school, offer, coupon):
    contact = ContactFactory(school=school, email="buyer@example.test")
    older = with_coupon(offer)
    newer = with_coupon(offer, contact=contact)
    with school_scope(school):
        older.refresh_from_db()
    assert (older.close_reason, newer.contact_id) == ("replaced", contact.pk)
    assert uses(coupon)[0] == 1


def test_another_browser_hears_until_when_it_is_reserved(school, offer, coupon):
    older = with_coupon(offer)
    with pytest.raises(Reserved) as reserved:
        with_coupon(offer)
    assert (reserved.value.order.pk, reserved.value.until) == (older.pk, older.held_until)
    assert uses(coupon) == (1, ["held"])


def test_where_no_limit_is_reached_both_orders_hold(school, offer):
    coupon = CouponFactory(school=school, code="SPRING", max_uses=5, max_uses_per_contact=2)
    older = with_coupon(offer)
    with_coupon(offer, own_orders=frozenset({older.number}))
    assert uses(coupon) == (2, ["held", "held"])


def test_an_older_order_of_another_offer_gives_its_seat_back(school, coupon):
    seats, other = sold_offer(school, seats=1), sold_offer(school)
    older = with_coupon(seats)
    with_coupon(other, own_orders=frozenset({older.number}))
    with school_scope(school):
        seats.refresh_from_db()
    assert (seats.seats_taken, uses(coupon)[0]) == (0, 1)


def test_the_seat_of_the_same_offer_comes_along(school, coupon):
    offer = sold_offer(school, seats=1)
    older = with_coupon(offer)
    newer = with_coupon(offer, own_orders=frozenset({older.number}))
    with school_scope(school):
        offer.refresh_from_db()
    assert (newer.seat, offer.seats_taken, uses(coupon)[0]) == ("held", 1, 1)
