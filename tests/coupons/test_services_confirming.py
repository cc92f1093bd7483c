"""A held use is confirmed by payment and given back by the end of its hold, of its order, or by a refund."""

from datetime import timedelta

import pytest

from coupons.models import Redemption
from coupons.services.coupons import end_coupon, pause_coupon
from kwiga import clock
from orders.errors import CouponGone
from orders.models import PaymentConnection
from orders.services.closing import cancel_order, expire_order, release_hold
from orders.services.moving import move_order
from orders.services.paying import mark_paid, start_payment
from orders.services.refunds import request_refund
from orders.services.reissuing import reissue_order
from schools.tenancy.scope import school_scope
from tests.factories.coupons import CouponFactory
from tests.factories.orders import ConnectionFactory
from tests.support.coupons import pay, told, uses, with_coupon

pytestmark = pytest.mark.django_db

HALF_HOUR = timedelta(minutes=30)


def cancel(order):
    with school_scope(order.school_id):
        cancel_order(order=order, reason="changed my mind", actor=None)


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
