"""Buyers of a coupon without a total limit wait for nobody; those of a limited one pass its row one after the other."""

import threading

import pytest

from orders.services.placing import place_order
from schools.tenancy.scope import school_scope
from tests.concurrency.test_coupon_races import damage, sprung
from tests.factories.coupons import CouponFactory
from tests.factories.orders import sold_offer
from tests.support.coupons import uses, with_coupon
from tests.support.order_races import buy, kinds_of
from tests.support.races import race

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "ops"]), pytest.mark.prove]

BUYERS = 8
PATIENCE_SECONDS = 2.0


def buy_beside_an_open_order(school, offer) -> tuple[list[object], int]:
    """One buyer has placed an order and not committed; how many of the others are done meanwhile, and all outcomes."""
    placed, done = threading.Event(), threading.Semaphore(0)
    meanwhile = []

    def first():
        with school_scope(school):
            answer = place_order(checkout=sprung(offer, email="first@example.test"))
            placed.set()
            meanwhile.append(sum(done.acquire(timeout=PATIENCE_SECONDS) for _buyer in range(BUYERS)))
        return answer

    def other(number):
        def act():
            placed.wait(10)
            answer = buy(school, sprung(offer, email=f"s{number}@example.test"))()
            done.release()
            return answer

        return act

    outcomes = race(first, *[other(number) for number in range(BUYERS)])
    return outcomes, meanwhile[0]


@pytest.mark.spec("COUPONS-2: buyers of an unlimited coupon are done beside an order that is still open")
def test_an_unlimited_coupon_does_not_serialize_its_buyers(school):
    offer, coupon = sold_offer(school), CouponFactory(school=school, code="SPRING")
    # The very first use writes to the row that the terms are locked now.
    with_coupon(offer, email="long-ago@example.test")
    outcomes, meanwhile = buy_beside_an_open_order(school, offer)
    assert kinds_of(outcomes) == {"Placed": BUYERS + 1}, outcomes
    assert meanwhile == BUYERS
    assert uses(coupon) == (0, ["held"] * (BUYERS + 2))
    assert damage() == {}


def test_a_limited_coupon_does(school, monkeypatch):
    """The control: the counter is one row, so the others wait until the order is there, or are told to try again."""
    offer, coupon = sold_offer(school), CouponFactory(school=school, code="SPRING", max_uses=50)
    with_coupon(offer, email="long-ago@example.test")
    monkeypatch.setattr("tests.concurrency.test_unlimited_coupon.PATIENCE_SECONDS", 0.1)
    outcomes, meanwhile = buy_beside_an_open_order(school, offer)
    assert meanwhile == 0
    assert kinds_of(outcomes) == {"Placed": BUYERS + 1}, outcomes
    assert uses(coupon) == (BUYERS + 2, ["held"] * (BUYERS + 2))
    assert damage() == {}
