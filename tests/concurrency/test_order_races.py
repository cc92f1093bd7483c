"""Races around orders and seats: each with the fence, and again with the fence taken down (trust 4.3)."""

import threading
from dataclasses import replace

import pytest
from django.db import connection
from django.db.models import F

from offers.models import Offer
from orders.errors import Busy, OnceOnly, PriceChanged
from orders.models import Order, Payment
from orders.services import placing, replacing
from orders.services.applying import apply_state
from orders.services.locks import locked_contact
from orders.services.placing import Placed, place_order
from schools.models import Event
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.orders import ConnectionFactory, checkout_of, placed, sold_offer, started
from tests.support.order_races import buy, damage, in_school, kinds_of, meet_at
from tests.support.paper_bank import state_of
from tests.support.races import Meeting, race

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "ops"]), pytest.mark.prove]

BUYERS = 20


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
