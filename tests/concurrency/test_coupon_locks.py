"""Who waits for whom around the row of a coupon: an edit keeps counting away, and nobody waits in a circle."""

import threading
import time

import pytest
from django.db import connection

from coupons.models import Coupon
from coupons.services import redeeming
from orders.services.closing import cancel_order
from schools.tenancy.scope import school_scope
from schools.tenancy.statements import Statement
from tests.concurrency.test_coupon_races import damage, said_anew
from tests.factories.coupons import CouponFactory
from tests.factories.orders import sold_offer
from tests.support.coupons import uses, with_coupon
from tests.support.order_races import in_school, kinds_of, meet_at
from tests.support.races import race

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "ops"]), pytest.mark.prove]


def give_back_behind_an_edit(school, monkeypatch):
    """Two give a use back and wait for the edit that sets a limit; then both count at the same moment."""
    offer, coupon = sold_offer(school), CouponFactory(school=school, code="SPRING")
    orders = [with_coupon(offer, email=f"s{n}@example.test") for n in range(2)]
    edited = threading.Event()
    meet_at(monkeypatch, redeeming, "_shared", 2)

    def edit():
        with school_scope(school):
            said_anew(max_uses=9)(Coupon.objects.get())
            edited.set()
            wait_for_waiters(2)

    def cancel(order):
        def act():
            edited.wait(5)
            return in_school(school, cancel_order, order=order, reason="", actor=None)()

        return act

    outcomes = race(edit, *[cancel(order) for order in orders])
    return uses(coupon), kinds_of(outcomes)


def wait_for_waiters(count):
    """Until so many sessions of this database wait for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    for _look in range(100):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting)
            if cursor.fetchone()[0] >= count:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")


def test_two_that_waited_for_an_edit_give_back_one_after_the_other(school, monkeypatch):
    assert give_back_behind_an_edit(school, monkeypatch) == ((0, ["released"] * 2), {"NoneType": 1, "Order": 2})
    assert damage() == {}


def test_with_a_lock_that_keeps_counting_away_they_hold_each_other_up(school, monkeypatch):
    """The control: who waited for the edit has the row in share, and each waits for the other to let go of it."""

    def shared_with_readers_alone(statement, **values):
        return Statement(statement._compose, ending="FOR SHARE").first(**values) is not None

    monkeypatch.setattr(redeeming, "_shared", shared_with_readers_alone)
    counter, kinds = give_back_behind_an_edit(school, monkeypatch)
    assert (counter[0], sorted(counter[1])) == (1, ["held", "released"])
    assert kinds == {"NoneType": 1, "Order": 1, "OperationalError": 1}
