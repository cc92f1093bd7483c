"""Races around money: each with the fence, and again with the fence taken down (trust 4.3)."""

import random

import pytest

from courses.models import Access
from kwiga import clock
from offers.models import Offer
from orders.models import Order, Payment, Refund
from orders.services import closing, refunds, settling
from orders.services.applying import apply_state
from orders.services.closing import cancel_order, expire_order, release_hold
from orders.services.refunds import RefundRefused, request_refund
from schools.models import Event, OutboxRow
from schools.tenancy.scope import school_scope
from tests.factories.orders import ConnectionFactory, PaidOrderFactory, placed, sold_offer, started
from tests.support.order_races import damage, in_school, kinds_of, meet_at
from tests.support.paper_bank import state_of
from tests.support.races import race

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "ops"]), pytest.mark.prove]

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
