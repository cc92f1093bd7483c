"""Offers with too little of something: seats, and one purchase for each person (domain.md, "A use is held …")."""

from datetime import timedelta

import pytest

from kwiga import clock
from offers.models import Offer
from orders.errors import OnceOnly, Reserved, SoldOut
from orders.models import Order, Payment, PaymentConnection
from orders.services.closing import cancel_order, expire_order, release_hold
from orders.services.paying import mark_paid, start_payment
from orders.services.reminding import mail_pay_link
from schools.models import Event, OutboxRow, School
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.orders import PaidOrderFactory, placed, sold_offer, started

pytestmark = pytest.mark.django_db


@pytest.fixture
def seat(school: School) -> Offer:
    """An offer with one seat."""
    return sold_offer(school, seats=1)


@pytest.fixture
def once(school: School) -> Offer:
    return sold_offer(school, once_per_contact=True)


def taken(offer: Offer) -> int:
    with school_scope(offer.school_id):
        return Offer.objects.get(pk=offer.pk).seats_taken


def now_in(order: Order) -> Order:
    with school_scope(order.school_id):
        return Order.objects.get(pk=order.pk)


# --- Seats ---


def test_a_seat_is_held_for_half_an_hour_and_confirmed_by_payment(school: School, seat: Offer) -> None:
    order = placed(seat).order
    assert (order.seat, order.held_until, taken(seat)) == ("held", order.created_at + timedelta(minutes=30), 1)
    with school_scope(school):
        row = OutboxRow.objects.get(kind="order_hold")
        assert (row.available_at, row.payload) == (order.held_until, {"order": order.pk})
        mark_paid(order=order, amount_minor=order.total_minor, comment="", actor=None)
    assert (now_in(order).seat, taken(seat)) == ("confirmed", 1)


@pytest.mark.spec("K18.2")
def test_after_the_last_seat_the_next_buyer_is_refused(school: School) -> None:
    offer = sold_offer(school, seats=25)
    for number in range(25):
        PaidOrderFactory(offer=offer, email=f"s{number}@example.test")
    with pytest.raises(SoldOut):
        placed(offer, email="late@example.test")
    assert taken(offer) == 25


def test_a_free_seat_is_confirmed_at_once(school: School) -> None:
    offer = sold_offer(school, seats=1, price_minor=0)
    assert now_in(placed(offer).order).seat == "confirmed"
    with school_scope(school):
        assert not OutboxRow.objects.filter(kind="order_hold").exists()


@pytest.mark.parametrize("ending", ["cancel", "expire", "release"])
def test_a_seat_that_is_given_back_is_sold_again(school: School, seat: Offer, ending: str) -> None:
    order = placed(seat, email="first@example.test").order
    assert order.expires_at
    with clock.at(order.expires_at), school_scope(school):
        if ending == "cancel":
            cancel_order(order=order, reason="asked", actor=None)
        elif ending == "expire":
            expire_order(order=order)
        else:
            release_hold(order=order)
    assert (now_in(order).seat, taken(seat)) == ("released", 0)
    assert placed(seat, email="second@example.test").is_new


def test_an_offer_without_a_limit_counts_no_seats(school: School) -> None:
    offer = sold_offer(school)
    assert placed(offer).order.seat == "none"
    assert taken(offer) == 0


# --- A contact's own unpaid order ---


def test_in_the_same_browser_the_new_order_takes_the_seat_over(
    school: School, seat: Offer, paper: PaymentConnection
) -> None:
    older = placed(seat).order
    payment = started(older, paper, "ref-1")
    newer = placed(seat, own_orders=frozenset({older.number})).order
    older = now_in(older)
    assert (older.state, older.close_reason, older.seat) == ("canceled", "replaced", "released")
    assert (newer.seat, newer.held_until, taken(seat)) == ("held", newer.created_at + timedelta(minutes=30), 1)
    with school_scope(school):
        assert Event.objects.get(kind="order.canceled").data == {"reason": "replaced"}
        assert OutboxRow.objects.get(kind="payment_close").payload == {"payment": payment.pk}
        assert Payment.objects.get().state == "canceled"


def test_who_signed_in_takes_the_own_seat_over(school: School, seat: Offer) -> None:
    student = ContactFactory(school=school, email="anna@example.test")
    older = placed(seat, email="anna@example.test").order
    assert placed(seat, contact=student).order.seat == "held"
    assert now_in(older).close_reason == "replaced"


def test_from_another_browser_the_answer_names_until_when_and_the_link_is_mailed(school: School, seat: Offer) -> None:
    older = placed(seat).order
    with pytest.raises(Reserved) as refused:
        placed(seat)
    assert (refused.value.until, refused.value.order) == (older.held_until, older)
    assert (now_in(older).state, taken(seat)) == ("pending", 1)
    with school_scope(school):
        mail_pay_link(order=refused.value.order)
        assert Event.objects.get(kind="order.link_asked").subject_id == older.pk


def test_the_seat_of_somebody_else_is_nobodys_to_take_over(school: School, seat: Offer) -> None:
    older = placed(seat, email="first@example.test").order
    with pytest.raises(SoldOut):
        placed(seat, email="second@example.test", own_orders=frozenset({older.number}))


def test_with_seats_left_the_same_person_may_hold_two(school: School) -> None:
    offer = sold_offer(school, seats=2)
    first = placed(offer).order
    placed(offer, own_orders=frozenset({first.number}))
    assert (now_in(first).state, taken(offer)) == ("pending", 2)


# --- Once per person ---


def test_what_was_bought_once_is_not_sold_to_the_same_person_again(school: School, once: Offer) -> None:
    PaidOrderFactory(offer=once, email="A@x.com")
    with pytest.raises(OnceOnly):
        placed(once, email=" a@X.com")
    assert placed(once, email="b@x.com").is_new


def test_an_unpaid_order_is_replaced_in_the_same_browser_and_reserved_for_another(school: School, once: Offer) -> None:
    older = placed(once).order
    assert older.held_until == older.created_at + timedelta(minutes=30)
    with pytest.raises(Reserved):
        placed(once)
    newer = placed(once, own_orders=frozenset({older.number})).order
    assert (now_in(older).state, newer.state) == ("canceled", "pending")


def test_after_the_hold_the_same_person_may_order_again_but_pay_only_one(
    school: School, once: Offer, paper: PaymentConnection
) -> None:
    older = placed(once).order
    assert older.held_until
    with clock.at(older.held_until):
        newer = placed(once).order
    with school_scope(school):
        mark_paid(order=newer, amount_minor=newer.total_minor, comment="", actor=None)
        with pytest.raises(OnceOnly):
            start_payment(order=older, connection=paper)
        with pytest.raises(OnceOnly):
            mark_paid(order=older, amount_minor=older.total_minor, comment="", actor=None)


def test_a_seat_of_a_once_only_offer_moves_with_the_replaced_order(school: School) -> None:
    offer = sold_offer(school, once_per_contact=True, seats=1)
    older = placed(offer).order
    newer = placed(offer, own_orders=frozenset({older.number})).order
    assert (now_in(older).seat, newer.seat, taken(offer)) == ("released", "held", 1)


def test_after_a_whole_refund_the_person_may_buy_again(school: School, once: Offer) -> None:
    order = PaidOrderFactory(offer=once, email="a@x.com")
    with school_scope(school):
        Order.objects.filter(pk=order.pk).update(state=Order.State.REFUNDED)
    assert placed(once, email="a@x.com").is_new


# --- Paying after the hold ---


def test_starting_to_pay_after_the_hold_holds_again(school: School, seat: Offer, paper: PaymentConnection) -> None:
    order = released(placed(seat).order)
    assert order.held_until
    later = order.held_until + timedelta(hours=1)
    with clock.at(later), school_scope(school):
        payment = start_payment(order=order, connection=paper)
    order = now_in(order)
    assert (order.seat, order.held_until, taken(seat)) == ("held", later + timedelta(minutes=30), 1)
    assert payment.session_ends_at == order.held_until
    with school_scope(school):
        assert OutboxRow.objects.filter(kind="order_hold", available_at=order.held_until).exists()


def test_starting_to_pay_when_the_seat_is_gone_is_refused(
    school: School, seat: Offer, paper: PaymentConnection
) -> None:
    order = released(placed(seat, email="slow@example.test").order)
    placed(seat, email="quick@example.test")
    with school_scope(school):
        with pytest.raises(SoldOut):
            start_payment(order=order, connection=paper)
        with pytest.raises(SoldOut):
            mark_paid(order=order, amount_minor=order.total_minor, comment="", actor=None)
        assert not Payment.objects.exists()


def test_a_bank_transfer_holds_the_seat_until_the_order_expires(
    school: School, seat: Offer, transfer: PaymentConnection
) -> None:
    order = placed(seat).order
    with school_scope(school):
        start_payment(order=order, connection=transfer)
    order = now_in(order)
    assert order.held_until == order.expires_at
    with clock.at(order.created_at + timedelta(hours=1)), school_scope(school):
        release_hold(order=order)
    assert (now_in(order).seat, taken(seat)) == ("held", 1)


def released(order: Order) -> Order:
    assert order.held_until
    with clock.at(order.held_until), school_scope(order.school_id):
        release_hold(order=order)
    return now_in(order)


def test_a_hold_that_still_runs_is_not_released(school: School, seat: Offer) -> None:
    order = placed(seat).order
    with school_scope(school):
        release_hold(order=order)
        expire_order(order=order)
    assert (now_in(order).seat, now_in(order).state, taken(seat)) == ("held", "pending", 1)
