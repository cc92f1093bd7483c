"""Races around orders, seats and money: each with the fence, and again with the fence taken down (trust 4.3)."""

import random
import threading
from collections import Counter
from dataclasses import replace

import pytest
from django.db import connection
from django.db.models import F, QuerySet

from courses.models import Access
from kwiga import clock
from offers.models import Offer
from orders.errors import Busy, OnceOnly, PriceChanged
from orders.models import Order, Payment, Refund
from orders.services import closing, placing, refunds, replacing, settling
from orders.services.applying import apply_state
from orders.services.closing import cancel_order, expire_order, release_hold
from orders.services.locks import locked_contact
from orders.services.placing import Placed, place_order
from orders.services.refunds import RefundRefused, request_refund
from schools.invariants import check_invariants
from schools.models import Event, OutboxRow
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.orders import ConnectionFactory, PaidOrderFactory, checkout_of, placed, sold_offer, started
from tests.support.paper_bank import PaperBank, open_for_business, state_of
from tests.support.races import Meeting, race

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "ops"]), pytest.mark.prove]

BUYERS = 20
OUR_RULES = [
    "seats_equal_orders",
    "seat_belongs_to_live_order",
    "order_is_settled_by_money",
    "nothing_is_charged_twice",
    "paid_order_has_access",
    "unpaid_order_has_no_access",
    "refunds_equal_rows",
]


@pytest.fixture
def no_locks(monkeypatch):
    """The fence taken down: rows are read without being locked."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, *args, **kwargs: rows)


@pytest.fixture
def bank():
    with open_for_business(PaperBank()) as bank:
        yield bank


def buy(school, checkout):
    def act():
        with school_scope(school):
            return place_order(checkout=checkout)

    return act


def in_school(school, verb, **arguments):
    def act():
        with school_scope(school):
            return verb(**arguments)

    return act


def kinds_of(outcomes) -> Counter:
    return Counter(type(outcome).__name__ for outcome in outcomes)


def damage() -> dict:
    return {finding.invariant.name: finding.rows for finding in check_invariants(OUR_RULES) if finding.rows}


def meet_at(monkeypatch, module, name, racers):
    """Hold every racer behind this function, where the race would be lost."""
    meeting, original = Meeting(racers), getattr(module, name)

    def and_meet(*args, **kwargs):
        found = original(*args, **kwargs)
        meeting.wait()
        return found

    monkeypatch.setattr(module, name, and_meet)


# --- One form (P5, R4) ---


@pytest.mark.spec("P5: twenty posts of one form at once make one order")
def test_twenty_posts_of_one_form_make_one_order(school):
    checkout = checkout_of(sold_offer(school))
    outcomes = race(*[buy(school, checkout)] * BUYERS)

    assert kinds_of(outcomes) == {"Placed": BUYERS}, outcomes
    assert len({(placed.order.pk, placed.pay_token) for placed in outcomes}) == 1
    assert sum(placed.is_new for placed in outcomes) == 1
    with school_scope(school):
        assert (Order.objects.count(), Event.objects.filter(kind="order.placed").count()) == (1, 1)


def test_without_the_lock_only_the_unique_key_stops_the_second(school, monkeypatch, no_locks):
    """The control: two get as far as the insert, and one is told to try again instead of seeing the order."""
    contact = ContactFactory(school=school, language="en")
    checkout = checkout_of(sold_offer(school), email=contact.email)
    meet_at(monkeypatch, placing, "_sale_of", 2)
    outcomes = race(*[buy(school, checkout)] * 2)
    assert kinds_of(outcomes) == {"Placed": 1, "Busy": 1}, outcomes


@pytest.mark.spec("P5: another email under the same key never gets somebody else's order")
def test_one_key_with_twenty_emails_makes_one_order(school):
    checkout = checkout_of(sold_offer(school))
    outcomes = race(*[buy(school, replace(checkout, email=f"s{n}@example.test")) for n in range(BUYERS)])

    kinds = kinds_of(outcomes)
    assert kinds["Placed"] == 1 and kinds["Busy"] + kinds["PriceChanged"] == BUYERS - 1, outcomes
    with school_scope(school):
        assert Order.objects.count() == 1


# --- The last seats (K18.2) ---


@pytest.mark.spec("K18.2: also with many buyers at once")
def test_of_twenty_buyers_three_get_the_three_seats(school):
    offer = sold_offer(school, seats=3)
    outcomes = race(*[buy(school, checkout_of(offer, email=f"s{n}@example.test")) for n in range(BUYERS)])

    assert kinds_of(outcomes) == {"Placed": 3, "SoldOut": BUYERS - 3}, outcomes
    with school_scope(school):
        assert (Offer.objects.get().seats_taken, Order.objects.count()) == (3, 3)
    assert damage() == {}


def test_looking_first_and_counting_then_oversells(school, monkeypatch):
    """The control: the counter is read, then written."""
    offer, meeting = sold_offer(school, seats=1), Meeting(2)

    def look_and_count(offer_id):
        found = Offer.objects.get(pk=offer_id)
        meeting.wait()
        if found.is_sold_out():
            return False
        return bool(Offer.objects.filter(pk=offer_id).update(seats_taken=found.seats_taken + 1))

    monkeypatch.setattr(replacing, "take_seat", look_and_count)
    outcomes = race(*[buy(school, checkout_of(offer, email=f"s{n}@example.test")) for n in range(2)])
    assert kinds_of(outcomes) == {"Placed": 2}, outcomes
    assert "seats_equal_orders" in damage()


# --- Once per person (R2) ---


def test_of_twenty_orders_of_one_person_one_is_made(school):
    offer = sold_offer(school, once_per_contact=True)
    outcomes = race(*[buy(school, checkout_of(offer)) for _number in range(BUYERS)])
    assert kinds_of(outcomes) == {"Placed": 1, "Reserved": BUYERS - 1}, outcomes


def test_without_the_lock_one_person_gets_several(school, monkeypatch, no_locks):
    """The control: both look before either has written."""
    contact, offer = ContactFactory(school=school, language="en"), sold_offer(school, once_per_contact=True)
    meet_at(monkeypatch, replacing, "_held_by", 2)
    outcomes = race(*[buy(school, checkout_of(offer, email=contact.email)) for _number in range(2)])
    assert kinds_of(outcomes) == {"Placed": 2}, outcomes


def test_ordering_again_while_the_first_is_paid_never_makes_two_purchases(school, bank):
    offer = sold_offer(school, once_per_contact=True)
    older = placed(offer).order
    payment = started(older, ConnectionFactory(school=school, provider="paper"), "ref-1")
    again = checkout_of(offer, own_orders=frozenset({older.number}))
    outcomes = race(buy(school, again), in_school(school, apply_state, payment=payment, state=state_of(payment)))

    with school_scope(school):
        older.refresh_from_db()
    assert isinstance(outcomes[1], Payment), outcomes
    # Either it was paid first, or it was replaced first and its money stands for review.
    if older.state == "paid":
        assert isinstance(outcomes[0], OnceOnly), outcomes
    else:
        assert isinstance(outcomes[0], Placed) and outcomes[1].review_reason == "dead_order", outcomes
    assert damage() == {}


# --- Pay, cancel, expire, release at one instant (R3) ---


@pytest.fixture
def at_the_end(school, bank):
    """An order with a seat whose hold and time are over this very moment, and money that has just arrived."""
    order = placed(sold_offer(school, seats=1)).order
    payment = started(order, ConnectionFactory(school=school, provider="paper"), "ref-1")
    with school_scope(school):
        Order.objects.filter(pk=order.pk).update(expires_at=clock.now(), held_until=clock.now())
    return order, payment


def endings(school, order, payment):
    return {
        "pay": in_school(school, apply_state, payment=payment, state=state_of(payment)),
        "pay again": in_school(school, apply_state, payment=payment, state=state_of(payment)),
        "cancel": in_school(school, cancel_order, order=order, reason="asked", actor=None),
        "expire": in_school(school, expire_order, order=order),
        "release": in_school(school, release_hold, order=order),
    }


@pytest.mark.spec("P9: one winner, and seats equal rows")
def test_pay_cancel_expire_and_release_at_once_have_one_winner(school, at_the_end):
    order, payment = at_the_end
    actions = list(endings(school, order, payment).values())
    random.shuffle(actions)
    race(*actions)

    with school_scope(school):
        order.refresh_from_db()
        payment.refresh_from_db()
        told = Event.objects.filter(kind__in=["order.paid", "order.canceled", "order.expired"])
        assert [event.kind for event in told] == [f"order.{order.state}"]
        seats, opened = Offer.objects.get().seats_taken, Access.objects.count()
    if order.state == "paid":
        assert (order.seat, seats, opened, payment.review_reason) == ("confirmed", 1, 1, "")
    else:
        assert (order.seat, seats, opened, payment.review_reason) == ("released", 0, 0, "dead_order")
    assert payment.state == "captured"
    assert damage() == {}


def test_without_locks_one_order_ends_twice_and_gives_two_seats_back(school, monkeypatch, no_locks):
    """The control: both saw an unpaid order."""
    offer = sold_offer(school, seats=2)
    order = placed(offer, email="first@example.test").order
    placed(offer, email="second@example.test")
    with school_scope(school):
        Order.objects.filter(pk=order.pk).update(expires_at=clock.now())
    meet_at(monkeypatch, closing, "locked_order", 2)
    race(
        in_school(school, cancel_order, order=order, reason="asked", actor=None),
        in_school(school, expire_order, order=order),
    )
    with school_scope(school):
        told = Event.objects.filter(kind__in=["order.canceled", "order.expired"])
        assert sorted(event.kind for event in told) == ["order.canceled", "order.expired"]
    assert "seats_equal_orders" in damage()


# --- Money twice (P6, R4) ---


@pytest.fixture
def two_tabs(school, bank):
    """Two sessions of one order, both paid at the provider."""
    order = placed(sold_offer(school)).order
    names = ["ref-1", "ref-2"]
    return order, [started(order, ConnectionFactory(school=school, provider="paper"), name) for name in names]


@pytest.mark.spec("P6: two sessions paid at once, one capture kept and one refund queued")
def test_of_two_sessions_paid_at_once_one_is_kept_and_one_goes_back(school, two_tabs):
    order, payments = two_tabs
    actions = [in_school(school, apply_state, payment=each, state=state_of(each)) for each in payments * 3]
    random.shuffle(actions)
    outcomes = race(*actions)

    assert kinds_of(outcomes) == {"Payment": 6}, outcomes
    with school_scope(school):
        order.refresh_from_db()
        assert order.state == "paid"
        reasons = Payment.objects.filter(order=order).values_list("review_reason", flat=True)
        assert sorted(reasons) == ["", "second_payment"]
        assert Refund.objects.get().payment.review_reason == "second_payment"
        assert OutboxRow.objects.filter(kind="refund").count() == 1
        assert (Event.objects.filter(kind="order.paid").count(), Access.objects.count()) == (1, 1)
    assert damage() == {}


def test_without_locks_both_are_kept(school, two_tabs, monkeypatch, no_locks):
    """The control: each finds the order unpaid."""
    _order, payments = two_tabs
    meet_at(monkeypatch, settling, "was_bought_already", 2)
    race(*[in_school(school, apply_state, payment=each, state=state_of(each)) for each in payments])
    with school_scope(school):
        assert list(Payment.objects.values_list("state", "review_reason")) == [("captured", "")] * 2
        assert not Refund.objects.exists()


def test_a_payment_given_back_twice_at_once_goes_back_once(school):
    payment = paid_payment(school)
    outcomes = race(*[give_all_back(school, payment)] * 2)
    assert kinds_of(outcomes) == {"Refund": 1, "RefundRefused": 1}, outcomes
    assert [type(outcome) for outcome in outcomes if not isinstance(outcome, Refund)] == [RefundRefused]
    assert damage() == {}


def test_without_locks_it_goes_back_twice(school, monkeypatch, no_locks):
    """The control: both see all of it left."""
    payment = paid_payment(school)
    meet_at(monkeypatch, refunds, "refundable_minor", 2)
    outcomes = race(*[give_all_back(school, payment)] * 2)
    assert kinds_of(outcomes) == {"Refund": 2}, outcomes


def paid_payment(school):
    order = PaidOrderFactory(school=school)
    with school_scope(school):
        return order.payments.get()


def give_all_back(school, payment):
    return in_school(school, request_refund, payment=payment, amount_minor=120_000, reason="", actor=None)


# --- Editing while somebody buys (R5), and waiting ---


def test_a_price_changed_while_the_seat_was_waited_for_is_noticed(school):
    offer = sold_offer(school, seats=5)
    assert isinstance(buy_while_edited(school, offer), PriceChanged)
    with school_scope(school):
        assert Offer.objects.get().seats_taken == 0


def test_where_no_seat_is_counted_the_order_came_before_the_edit(school):
    """The control: nothing is waited for, so nothing is read again, and the agreed price holds."""
    outcome = buy_while_edited(school, sold_offer(school))
    assert isinstance(outcome, Placed) and outcome.order.total_minor == 120_000, outcome


def buy_while_edited(school, offer):
    checkout = checkout_of(offer)
    locked, seen = threading.Event(), threading.Event()

    def edit():
        with school_scope(school):
            Offer.objects.filter(pk=offer.pk).update(price_minor=F("price_minor") + 1)
            locked.set()
            seen.wait(0.7)

    def purchase():
        locked.wait(5)
        try:
            return buy(school, checkout)()
        finally:
            seen.set()

    return race(edit, purchase)[1]


def test_who_waits_too_long_is_told_to_try_again(school):
    contact = ContactFactory(school=school)
    checkout = checkout_of(sold_offer(school), email=contact.email)
    locked, answered = threading.Event(), threading.Event()

    def hold():
        with school_scope(school):
            locked_contact(contact.pk)
            locked.set()
            answered.wait(10)

    def purchase():
        locked.wait(5)
        try:
            with school_scope(school), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '200ms'")
                return place_order(checkout=checkout)
        finally:
            answered.set()

    assert isinstance(race(hold, purchase)[1], Busy)
    assert buy(school, checkout)().is_new
