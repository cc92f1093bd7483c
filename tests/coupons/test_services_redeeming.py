"""A use is held with its order (domain.md, "A use is held"): when, for whom, and at what cost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coupons.models import Coupon, Redemption
from kwiga import clock
from orders.errors import CouponRefused, PriceChanged
from orders.models import OrderDiscount, OrderLineDiscount
from orders.services.manual import ManualOrder, make_order
from orders.services.placing import place_order
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory, list_of
from tests.factories.orders import checkout_of, placed, sold_offer
from tests.support.coupons import pay, told, uses, with_coupon

pytestmark = pytest.mark.django_db

HALF_HOUR = timedelta(minutes=30)


# --- Held ---


@pytest.mark.spec("K19.1: 10 % of 199.99 is 20.00 off, 179.99 to pay")
def test_an_order_holds_a_use_with_its_terms_and_shares(school, offer, coupon):
    order = placed(offer, code=" spring ", shown_total_minor=17_999).order
    assert (order.subtotal_minor, order.discount_minor, order.total_minor) == (19_999, 2_000, 17_999)
    assert order.held_until == order.created_at + HALF_HOUR
    with school_scope(school):
        use, given, share = Redemption.objects.get(), OrderDiscount.objects.get(), OrderLineDiscount.objects.get()
        assert (use.state, use.amount_minor, use.currency, use.held_until) == ("held", 2_000, "UAH", order.held_until)
        assert (use.contact_id, use.code.code, use.snapshot["percent_bp"]) == (order.contact_id, "Spring", 1_000)
        assert (given.order_id, given.redemption_id, given.code, given.amount_minor) == (
            order.pk,
            use.pk,
            "Spring",
            2_000,
        )
        assert (share.line.order_id, share.amount_minor) == (order.pk, 2_000)
        assert share.line.discount_minor == 2_000
        assert Coupon.objects.get().is_used
    assert uses(coupon) == (1, ["held"])
    assert told(school) == ["coupon.created", "coupon.held"]


def test_an_order_without_a_discount_holds_nothing(school, offer, coupon):
    order = placed(offer, code="NOTHING").order
    assert (order.discount_minor, order.held_until) == (0, None)
    assert uses(coupon) == (0, [])


def test_a_coupon_without_a_total_limit_counts_in_the_ledger_alone(school, offer):
    coupon = CouponFactory(school=school, code="SPRING")
    with_coupon(offer)
    with school_scope(school):
        coupon.refresh_from_db()
    assert (coupon.is_used, uses(coupon)) == (True, (0, ["held"]))


@pytest.mark.spec("K19.2: a fixed 500 on an offer of 300 leaves 0 to pay, no payment page, and it is open")
def test_a_coupon_for_all_of_it_skips_the_payment(school):
    offer = sold_offer(school, price_minor=30_000)
    coupon = CouponFactory(school=school, code="FREE", kind="fixed", amount_minor=50_000, currency="UAH", max_uses=5)
    order = placed(offer, code="FREE", shown_total_minor=0).order
    assert (order.state, order.discount_minor, order.total_minor) == ("paid", 30_000, 0)
    assert uses(coupon) == (1, ["confirmed"])
    with school_scope(school):
        assert order.order_accesses.count() == 1
    assert told(school)[1:] == ["coupon.held", "coupon.redeemed"]


@pytest.mark.spec("K19.4: off the list before the order is placed, it is refused; a held use is honored")
def test_the_list_counts_when_the_order_is_placed(school, offer):
    contact = ContactFactory(school=school, email="buyer@example.test")
    group = list_of(school, contact)
    CouponFactory(school=school, code="SPRING", audience="list", contact_list_id=group.pk, max_uses_per_contact=2)
    order = with_coupon(offer)
    with school_scope(school):
        group.members.all().delete()
    with pytest.raises(CouponRefused) as refused:
        with_coupon(offer)
    assert (refused.value.quote.total_minor, refused.value.quote.refusal.reason) == (19_999, "not_on_list")
    pay(order)
    with school_scope(school):
        assert Redemption.objects.get().state == "confirmed"


@pytest.mark.spec("C5: a person is the normalized email; capitals and spaces make nobody new")
@pytest.mark.spec("K10.4: also for a coupon that each may use once")
def test_the_same_person_under_another_spelling_is_refused(school, offer):
    coupon = CouponFactory(school=school, code="SPRING")
    pay(with_coupon(offer, email="A@x.com"))
    with pytest.raises(CouponRefused) as refused:
        with_coupon(offer, email=" a@X.com")
    assert refused.value.quote.refusal.reason == "used_by_you"
    assert uses(coupon) == (0, ["confirmed"])


def test_a_bad_code_hinders_nobody_who_was_shown_the_full_price(school, offer, coupon):
    with_coupon(offer, email="first@example.test")
    order = placed(offer, code="SPRING", email="second@example.test").order
    assert (order.total_minor, uses(coupon)) == (19_999, (1, ["held"]))


def test_a_code_that_lowers_what_the_form_did_not_show_asks_again(offer, coupon):
    with pytest.raises(PriceChanged):
        placed(offer, code="SPRING")


@pytest.mark.spec("K12.5: an order made by hand counts no coupon")
def test_orders_by_hand_touch_no_counts(school, offer, coupon):
    contact = ContactFactory(school=school)
    with school_scope(school):
        for price in (0, 5_000):
            make_order(
                terms=ManualOrder(contact=contact, offer=offer, price_minor=price, currency="UAH", choice="anyway"),
                actor=None,
            )
    assert uses(coupon) == (0, [])


# --- Journeys ---


@pytest.mark.django_db(transaction=True, databases=["default", "relay"])
def test_after_a_hundred_unpaid_orders_the_next_buyer_gets_it_half_an_hour_later(school, offer):
    coupon = CouponFactory(school=school, code="SPRING", max_uses=100)
    orders = [with_coupon(offer, email=f"s{number}@example.test") for number in range(100)]
    with pytest.raises(CouponRefused) as refused:
        with_coupon(offer, email="next@example.test")
    assert refused.value.quote.refusal.reason == "used_up"
    with clock.at(orders[-1].held_until + timedelta(minutes=1)):
        drain()
        order = with_coupon(offer, email="next@example.test")
    assert order.total_minor < offer.price_minor
    counter, states = uses(coupon)
    assert (counter, states.count("released"), states.count("held")) == (1, 100, 1)


# --- The cost ---


PLAIN, UNLIMITED, LIMITED = 10, 18, 17


@pytest.mark.parametrize(("code", "count"), [("", PLAIN), ("FREELY", UNLIMITED), ("SPRING", LIMITED)])
def test_what_an_order_costs_in_statements(school, offer, coupon, code, count):
    CouponFactory(school=school, code="FREELY")
    ContactFactory(school=school, email="buyer@example.test", language="en", name="Olena Buyer")
    said = {"shown_total_minor": 17_999} if code else {}
    checkout = checkout_of(offer, code=code, **said)
    with school_scope(school), CaptureQueriesContext(connection) as queries:
        place_order(checkout=checkout)
    assert len(queries) == count, [query["sql"][:110] for query in queries]
