"""What people complain about in other stores' coupons where money comes in: Q03, Q04, Q07, Q08, Q25."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from coupons.models import Coupon, Redemption
from courses.models import Access
from kwiga import clock
from orders.errors import CouponGone, CouponRefused, OrderRefused
from orders.models import Order, Payment
from orders.services.closing import cancel_order, expire_order
from orders.services.connections import connect
from orders.services.moving import move_order
from orders.services.reissuing import reissue_order
from schools.models import Event
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.coupons import CouponFactory
from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import orders_of, submit
from tests.orders.payments.stand_ins import BankStandIn
from tests.orders.payments.test_notices import Desk
from tests.support.coupons import pay, uses, with_coupon
from tests.support.database import as_owner

DAY = timedelta(days=1)


@pytest.fixture
def offer(school):
    return sold_offer(school, price_minor=120_000)


def fresh(order: Order) -> Order:
    with school_scope(order.school_id):
        return Order.objects.get(pk=order.pk)


# --- Nothing left to pay (Q03) ---


@pytest.mark.spec("Q03: nothing left to pay asks no payment system and finishes the order")
def test_a_coupon_for_everything_finishes_without_the_payment_system(school, visitor, offer, live_bank):
    bank = BankStandIn(live_bank)
    with school_scope(school):
        connect(provider="test_bank", secrets=bank.secrets, actor=None)
    CouponFactory(school=school, code="GIFT", percent_bp=10_000)
    answer = submit(visitor(school), offer, "?coupon=GIFT")
    (order,) = orders_of(school)
    assert answer.headers["Location"].endswith("/done/") and order.state == "paid"
    with school_scope(school):
        assert not Payment.objects.exists() and Access.objects.filter(contact=order.contact_id).count() == 1


# --- Payments that fail (Q04, Q08) ---


class Desktop:
    """A buyer with the code at the Test bank."""

    def __init__(self, school, live_bank, visitor, offer) -> None:
        self.school, self.bank, self.client = school, BankStandIn(live_bank), visitor(school)
        with school_scope(school):
            self.card = connect(provider="test_bank", secrets=self.bank.secrets, actor=None)
        self.path = submit(self.client, offer, "?coupon=ONCE").headers["Location"]

    def go(self) -> str:
        there = self.client.post(self.path, {"method": self.card.token}).headers["Location"]
        return there.partition("?")[0].rpartition("/")[2]

    def come_back(self):
        return self.client.get(f"{self.path}return/", follow=True)


@pytest.fixture
def at_the_bank(school, live_bank, visitor, offer):
    CouponFactory(school=school, code="ONCE", max_uses=1)
    return Desktop(school, live_bank, visitor, offer)


@pytest.mark.spec("Q04: a payment that failed takes no use away; the same order is paid at the second try")
@pytest.mark.django_db(transaction=True, databases=["default", "relay", "ops"])
def test_a_declined_card_costs_no_use(school, at_the_bank, offer):
    at_the_bank.bank.fail(at_the_bank.go())
    at_the_bank.come_back()
    with school_scope(school):
        assert Redemption.objects.get().state == "held"
    at_the_bank.bank.pay(at_the_bank.go())
    at_the_bank.come_back()
    (order,) = orders_of(school)
    assert (order.state, order.total_minor) == ("paid", 108_000)
    with school_scope(school):
        assert Redemption.objects.get().state == "confirmed"


@pytest.mark.spec("Q04: who gives up gives the use back")
def test_a_canceled_order_leaves_the_use_to_the_next(school, offer):
    coupon = CouponFactory(school=school, code="SPRING", max_uses=1)
    with school_scope(school):
        cancel_order(order=with_coupon(offer), reason="", actor=None)
    assert with_coupon(offer, email="next@example.test").discount_minor == 12_000
    assert uses(coupon) == (1, ["released", "held"])


@pytest.mark.spec("Q08: told five times and looked at again and again, a payment confirms one use and opens once")
@pytest.mark.django_db(transaction=True, databases=["default", "relay", "ops"])
def test_a_payment_told_many_times_confirms_one_use(school, at_the_bank):
    at_the_bank.bank.pay(at_the_bank.go())
    with school_scope(school):
        payment = Payment.objects.get()
    for number in range(5):
        Desk(school, at_the_bank.card, at_the_bank.bank).deliver(payment, event=f"event-{number % 3}")
        drain()
        at_the_bank.come_back()
    with school_scope(school):
        assert Event.objects.filter(kind="coupon.redeemed").count() == 1
        assert (Coupon.objects.get().uses, Redemption.objects.get().state) == (1, "confirmed")
        assert Access.objects.count() == 1


@pytest.mark.spec("Q04b: after a refund the use stays used, unless the team gives it back with the money")
@pytest.mark.parametrize(("ticked", "state"), [({}, "confirmed"), ({"returns_coupon": "yes"}, "released")])
def test_a_refund_on_the_page_leaves_the_coupon_used(school, owner, staff, offer, ticked, state):
    CouponFactory(school=school, code="SPRING", max_uses=1)
    order = with_coupon(offer)
    pay(order)
    with school_scope(school):
        payment = Payment.objects.get()
    client, address = staff(owner), f"/green/orders/{order.number}/payments/{payment.token}/refund/"
    form = client.get(address)
    assert form.status_code == 200 and form.context["form"]["returns_coupon"].value() == ""
    sent = client.post(address, {"amount": "1080", "reason": "asked for it", **ticked})
    assert sent.status_code == 302, sent.context["form"].errors
    with school_scope(school):
        assert Redemption.objects.get().state == state


# --- Paid is open (Q07) ---


@pytest.mark.spec("Q07: money, access and the confirmed use are one step: all of it, or none, and it can be done again")
@pytest.mark.django_db(transaction=True, databases=["default", "relay", "ops"])
def test_without_access_there_is_no_payment_and_no_confirmed_use(school, offer, database_name):
    coupon = CouponFactory(school=school, code="SPRING", max_uses=1)
    order = with_coupon(offer)
    with as_owner(database_name) as owner:
        owner.execute("ALTER TABLE courses_access ADD CONSTRAINT nobody CHECK (false) NOT VALID")
    try:
        with pytest.raises(IntegrityError):
            pay(order)
    finally:
        with as_owner(database_name) as owner:
            owner.execute("ALTER TABLE courses_access DROP CONSTRAINT nobody")
    assert (fresh(order).state, uses(coupon)) == ("pending", (1, ["held"]))
    pay(order)
    assert (fresh(order).state, uses(coupon)) == ("paid", (1, ["confirmed"]))
    with school_scope(school):
        assert Access.objects.count() == 1


# --- A code does not come back to life (Q25) ---


@pytest.mark.spec("Q25: one use per order, however it is canceled, reopened or moved in the office")
def test_no_work_of_the_office_brings_a_used_code_back(school, offer):
    coupon = CouponFactory(school=school, code="SPRING", max_uses=1)
    order = with_coupon(offer)
    with school_scope(school):
        moved = move_order(order=order, email="right@example.test", actor=None)
    for _time in range(2):
        with clock.at(clock.now() + 60 * DAY), school_scope(school):
            expire_order(order=fresh(moved))
        with school_scope(school):
            reissue_order(order=fresh(moved), expires_at=clock.now() + 3 * DAY, actor=None)
        assert uses(coupon) == (1, ["held"])
    pay(moved)
    assert uses(coupon) == (1, ["confirmed"])
    with school_scope(school):
        for refused in (cancel_order, reissue_order):
            more = {"reason": ""} if refused is cancel_order else {"expires_at": clock.now() + DAY}
            with pytest.raises(OrderRefused):
                refused(order=fresh(moved), actor=None, **more)
    with pytest.raises(CouponRefused):
        with_coupon(offer, email="next@example.test")


@pytest.mark.spec("Q25: a code that somebody else has used meanwhile is not there for the older order")
def test_an_order_that_is_reopened_finds_the_code_used(school, offer):
    coupon = CouponFactory(school=school, code="SPRING", max_uses=1)
    order = with_coupon(offer)
    later = order.expires_at + timedelta(minutes=1)
    with clock.at(later), school_scope(school):
        expire_order(order=order)
    pay(with_coupon(offer, email="faster@example.test"))
    with school_scope(school), pytest.raises(CouponGone):
        reissue_order(order=fresh(order), expires_at=clock.now() + 3 * DAY, actor=None)
    assert uses(coupon) == (1, ["released", "confirmed"])
