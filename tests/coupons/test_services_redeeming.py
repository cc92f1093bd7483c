"""The life of a use: held with the order, confirmed by payment, given back by its end (domain.md, "A use is held")."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coupons.models import Coupon, Redemption
from coupons.services.coupons import end_coupon, pause_coupon
from kwiga import clock
from orders.errors import CouponGone, CouponRefused, PriceChanged, Reserved
from orders.models import OrderDiscount, OrderLineDiscount, PaymentConnection
from orders.services.closing import cancel_order, expire_order, release_hold
from orders.services.manual import ManualOrder, make_order
from orders.services.moving import move_order
from orders.services.paying import mark_paid, start_payment
from orders.services.placing import place_order
from orders.services.refunds import request_refund
from orders.services.reissuing import reissue_order
from schools.models import Event, School
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory, list_of
from tests.factories.orders import ConnectionFactory, checkout_of, placed, sold_offer
from tests.support.coupons import pay, uses, with_coupon

pytestmark = pytest.mark.django_db

HALF_HOUR = timedelta(minutes=30)


def told(school, start="coupon."):
    with school_scope(school):
        return list(Event.objects.filter(kind__startswith=start).order_by("id").values_list("kind", flat=True))


@pytest.fixture
def offer(school: School):
    return sold_offer(school, price_minor=19_999)


@pytest.fixture
def coupon(school: School) -> Coupon:
    return CouponFactory(school=school, code="Spring", max_uses=1)


def cancel(order):
    with school_scope(order.school_id):
        cancel_order(order=order, reason="changed my mind", actor=None)


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


# --- Confirmed, given back ---


@pytest.mark.spec("P4.2: a canceled payment does not raise the number of uses")
def test_paying_confirms_and_canceling_gives_back(school, offer):
    coupon = CouponFactory(school=school, code="SPRING", max_uses=2)
    paid, canceled = (with_coupon(offer, email=f"{name}@x.test") for name in ("a", "b"))
    pay(paid)
    cancel(canceled)
    assert uses(coupon) == (1, ["confirmed", "released"])
    assert told(school)[-2:] == ["coupon.redeemed", "coupon.released"]
    cancel(canceled)
    assert uses(coupon)[0] == 1


def test_the_end_of_the_hold_gives_back_and_the_order_lives_on(school, offer, coupon):
    order = with_coupon(offer)
    with clock.at(order.held_until), school_scope(school):
        after = release_hold(order=order)
    assert (after.state, uses(coupon)) == ("pending", (0, ["released"]))


def test_the_end_of_the_order_gives_back(school, offer, coupon):
    order = with_coupon(offer)
    with clock.at(order.expires_at), school_scope(school):
        expire_order(order=order)
    assert uses(coupon) == (0, ["released"])


def test_paying_after_the_hold_holds_again(school, offer, coupon):
    order, connection = with_coupon(offer), ConnectionFactory(school=school)
    later = order.held_until + timedelta(minutes=5)
    with clock.at(later), school_scope(school):
        release_hold(order=order)
        start_payment(order=order, connection=connection)
        use = Redemption.objects.get()
        assert (use.state, use.held_until, use.released_at) == ("held", later + HALF_HOUR, None)
        order.refresh_from_db()
        assert order.held_until == later + HALF_HOUR
    assert uses(coupon) == (1, ["held"])


@pytest.mark.parametrize("end", ["taken", "paused", "over"])
def test_paying_after_the_hold_asks_when_the_coupon_is_gone(school, offer, coupon, end):
    order, connection = with_coupon(offer), ConnectionFactory(school=school)
    later = order.held_until + timedelta(minutes=5)
    with clock.at(later), school_scope(school):
        release_hold(order=order)
    if end == "taken":
        pay(with_coupon(offer, email="faster@example.test"))
    else:
        with school_scope(school):
            (pause_coupon if end == "paused" else end_coupon)(coupon=coupon, actor=None)
    with clock.at(later), school_scope(school), pytest.raises(CouponGone):
        start_payment(order=order, connection=connection)
    # Money that the team has seen is refused alike: the sum is not what a new order would ask for.
    with clock.at(later), school_scope(school), pytest.raises(CouponGone):
        mark_paid(order=order, amount_minor=order.total_minor, comment="", actor=None)


def test_a_bank_transfer_holds_as_long_as_the_order(school, offer, coupon):
    order = with_coupon(offer)
    transfer: PaymentConnection = ConnectionFactory(school=school, provider="bank_transfer")
    with school_scope(school):
        start_payment(order=order, connection=transfer)
        assert Redemption.objects.get().held_until == order.expires_at
        order.refresh_from_db()
        assert order.held_until == order.expires_at
    with clock.at(order.created_at + HALF_HOUR), school_scope(school):
        release_hold(order=order)
    assert uses(coupon) == (1, ["held"])


def test_a_new_link_for_an_expired_order_holds_again(school, offer, coupon):
    order = with_coupon(offer)
    with clock.at(order.expires_at), school_scope(school):
        expire_order(order=order)
        again = order.expires_at + timedelta(days=3)
        reissued = reissue_order(order=order, expires_at=again, actor=None)
        assert (reissued.held_until, Redemption.objects.get().held_until) == (again, again)
    assert uses(coupon) == (1, ["held"])


@pytest.mark.spec("K02.1: the amount after the coupon")
def test_the_link_takes_what_is_left_after_the_coupon(school, offer, coupon):
    order = with_coupon(offer)
    with school_scope(school):
        payment = start_payment(order=order, connection=ConnectionFactory(school=school))
    assert (payment.amount_minor, payment.currency) == (17_999, "UAH")


@pytest.mark.parametrize(("returns", "state"), [(False, "confirmed"), (True, "released")])
def test_a_refund_leaves_the_use_unless_it_is_to_come_back(school, offer, coupon, returns, state):
    order = with_coupon(offer)
    pay(order)
    with school_scope(school):
        payment = order.payments.get()
        request_refund(payment=payment, amount_minor=17_999, reason="", returns_coupon=returns, actor=None)
    assert uses(coupon) == (int(not returns), [state])


def test_an_order_moved_to_another_person_keeps_its_use(school, offer, coupon):
    order = with_coupon(offer)
    with school_scope(school):
        moved = move_order(order=order, email="right@example.test", actor=None)
    pay(moved)
    assert uses(coupon) == (1, ["confirmed"])


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


# --- One's own older order ---


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


PLAIN, UNLIMITED, LIMITED = 10, 19, 18


@pytest.mark.parametrize(("code", "count"), [("", PLAIN), ("FREELY", UNLIMITED), ("SPRING", LIMITED)])
def test_what_an_order_costs_in_statements(school, offer, coupon, code, count):
    CouponFactory(school=school, code="FREELY")
    ContactFactory(school=school, email="buyer@example.test", language="en", name="Olena Buyer")
    said = {"shown_total_minor": 17_999} if code else {}
    checkout = checkout_of(offer, code=code, **said)
    with school_scope(school), CaptureQueriesContext(connection) as queries:
        place_order(checkout=checkout)
    assert len(queries) == count, [query["sql"][:110] for query in queries]
