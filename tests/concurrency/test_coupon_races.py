"""Races around coupons: each with the fence, and again with the fence taken down (trust 4.3, R1 to R5)."""

import threading
from dataclasses import replace

import pytest
from django.db.models import F

from coupons.models import Coupon, Redemption
from coupons.services import redeeming
from coupons.services.coupons import change_coupon, delete_coupon, pause_coupon, terms_in
from coupons.services.errors import LimitBelowUsed
from kwiga import clock
from orders.errors import CouponRefused
from orders.models import Order
from orders.services import placing
from orders.services.closing import cancel_order, expire_order
from orders.services.paying import mark_paid
from schools.invariants import check_invariants
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory
from tests.factories.orders import checkout_of, sold_offer
from tests.support.coupons import uses, with_coupon
from tests.support.order_races import buy, in_school, kinds_of, meet_at
from tests.support.races import Meeting, race

pytestmark = [pytest.mark.django_db(transaction=True, databases=["default", "ops"]), pytest.mark.prove]

BUYERS, RACERS, ATTEMPTS = 20, 32, 200
# What no race may end in: a deadlock is Busy to a buyer.
FAILURES = {"Busy", "OperationalError", "IntegrityError", "BrokenBarrierError"}


def damage():
    return {finding.invariant.name: finding.rows for finding in check_invariants() if finding.rows}


def sprung(offer, **said):
    """A checkout that shows the discount of 10 %."""
    return checkout_of(offer, code="SPRING", shown_total_minor=offer.price_minor * 9 // 10, **said)


def counted(school):
    with school_scope(school):
        return Redemption.objects.filter(state__in=Redemption.COUNTED).count()


# --- The last use (K19.3, C4) ---


@pytest.mark.spec("K19.3: of 20 parallel checkouts exactly one gets the only use")
def test_of_twenty_buyers_one_gets_the_last_use(school):
    offer, coupon = sold_offer(school), CouponFactory(school=school, code="SPRING", max_uses=1)
    outcomes = race(*[buy(school, sprung(offer, email=f"s{n}@example.test")) for n in range(BUYERS)])
    assert kinds_of(outcomes) == {"Placed": 1, "CouponRefused": BUYERS - 1}, outcomes
    assert uses(coupon) == (1, ["held"])
    assert damage() == {}


@pytest.mark.spec("C4: without the condition it is sold twice")
def test_looking_first_and_counting_then_gives_it_twice(school, monkeypatch):
    """The control: the counter is read, then written."""
    offer, coupon = sold_offer(school), CouponFactory(school=school, code="SPRING", max_uses=1)
    meeting = Meeting(2)

    def look_and_count(seen):
        found = Coupon.objects.get(pk=seen.pk)
        meeting.wait()
        if found.uses >= found.max_uses:
            return False
        return bool(Coupon.objects.filter(pk=seen.pk).update(uses=found.uses + 1, is_used=True))

    monkeypatch.setattr(redeeming, "count_use", look_and_count)
    outcomes = race(*[buy(school, sprung(offer, email=f"s{n}@example.test")) for n in range(2)])
    assert kinds_of(outcomes) == {"Placed": 2}, outcomes
    assert uses(coupon) == (1, ["held", "held"])
    assert {"coupon_within_limit", "counter_equals_uses"} <= set(damage())


# --- Once per person (R2, C5) ---


@pytest.mark.timeout(240)
@pytest.mark.spec("C5: 200 attempts of one person on 32 connections make one use")
def test_two_hundred_attempts_of_one_person_make_one_use(school):
    """The buyer has had the order in this browser: each newer one replaces it, and one use is held throughout."""
    offer, coupon = sold_offer(school), CouponFactory(school=school, code="SPRING")
    ContactFactory(school=school, email="buyer@example.test", language="en")
    checkouts = [sprung(offer, idempotency_key=f"form-{n}") for n in range(ATTEMPTS)]
    mine = threading.Lock()

    def attempts():
        outcomes = []
        while True:
            with mine:
                if not checkouts:
                    return outcomes
                checkout = checkouts.pop()
            try:
                outcomes.append(buy(school, checkout)())
            except Exception as error:
                outcomes.append(error)

    outcomes = [outcome for each in race(*[attempts] * RACERS) for outcome in each]
    kinds = kinds_of(outcomes)
    assert len(outcomes) == ATTEMPTS and set(kinds) == {"Placed", "Reserved"} and kinds["Placed"] == 1, kinds
    assert uses(coupon)[1] == ["held"]
    assert damage() == {}


def test_without_the_lock_one_person_gets_several(school, monkeypatch, no_locks):
    """The control: both count before either has written."""
    contact, offer = ContactFactory(school=school, language="en"), sold_offer(school)
    coupon = CouponFactory(school=school, code="SPRING")
    meet_at(monkeypatch, redeeming, "_check_contact", 2)
    outcomes = race(*[buy(school, sprung(offer, email=contact.email)) for _number in range(2)])
    assert kinds_of(outcomes) == {"Placed": 2}, outcomes
    assert uses(coupon)[1] == ["held", "held"]
    assert "contact_within_limit" in damage()


# --- Pay, cancel, expire, pause at one instant (R3) ---


def test_the_last_use_paid_canceled_expired_and_paused_at_once_has_one_end(school):
    offer, coupon = sold_offer(school), CouponFactory(school=school, code="SPRING", max_uses=1)
    order = with_coupon(offer)
    pay = in_school(school, mark_paid, order=order, amount_minor=order.total_minor, comment="", actor=None)

    def expire():
        with clock.at(order.expires_at):
            return in_school(school, expire_order, order=order)()

    outcomes = race(
        pay,
        in_school(school, cancel_order, order=order, reason="", actor=None),
        expire,
        in_school(school, pause_coupon, coupon=coupon, actor=None),
        buy(school, sprung(offer, email="other@example.test")),
    )
    assert not kinds_of(outcomes).keys() & FAILURES, outcomes
    with school_scope(school):
        order.refresh_from_db()
        state = Redemption.objects.get(order_discounts__order=order).state
        coupon.refresh_from_db()
    assert state == {"paid": "confirmed", "canceled": "released", "expired": "released"}[order.state]
    assert coupon.uses == counted(school) <= 1
    assert damage() == {}


# --- An edit while somebody buys (R5) ---


def buy_while_edited(school, offer, edit):
    """Where the edit comes between the look at the coupon and its use."""
    looked, edited = threading.Event(), threading.Event()
    original = placing.write_order

    def write_and_wait(order, line):
        row = original(order, line)
        looked.set()
        edited.wait(5)
        return row

    def change():
        looked.wait(5)
        try:
            with school_scope(school):
                return edit(Coupon.objects.get())
        finally:
            edited.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(placing, "write_order", write_and_wait)
        return race(buy(school, sprung(offer)), change)[0]


def said_anew(**fields):
    return lambda coupon: change_coupon(coupon=coupon, terms=replace(terms_in(coupon), **fields), actor=None)


EDITS = {
    "smaller": (said_anew(percent_bp=500), "CouponRefused"),
    "paused": (lambda coupon: pause_coupon(coupon=coupon, actor=None), "CouponRefused"),
    "deleted": (lambda coupon: delete_coupon(coupon=coupon, actor=None), "CouponRefused"),
    "commented": (said_anew(comment="new"), "Placed"),
    "limited": (said_anew(max_uses=1), "Placed"),
    "unlimited": (said_anew(max_uses=None), "Placed"),
}


@pytest.mark.parametrize("limit", [None, 5])
@pytest.mark.parametrize("name", EDITS)
def test_an_edit_during_the_checkout_is_kept_to_or_refused(school, name, limit):
    offer = sold_offer(school)
    CouponFactory(school=school, code="SPRING", max_uses=limit)
    edit, expected = EDITS[name]
    outcome = buy_while_edited(school, offer, edit)
    assert type(outcome).__name__ == expected, outcome
    if isinstance(outcome, CouponRefused):
        assert outcome.quote.total_minor > offer.price_minor * 9 // 10
        assert counted(school) == 0
    else:
        assert (outcome.order.discount_minor, counted(school)) == (offer.price_minor // 10, 1)
    assert damage() == {}


def test_an_edit_that_nobody_looks_for_is_half_kept(school, monkeypatch):
    """The control: the use does not ask whether the coupon is as it was read, so a paused one is used."""
    offer, coupon = sold_offer(school), CouponFactory(school=school, code="SPRING", max_uses=5)
    monkeypatch.setattr(
        redeeming, "count_use", lambda seen: Coupon.objects.filter(pk=seen.pk).update(uses=F("uses") + 1, is_used=True)
    )
    outcome = buy_while_edited(school, offer, EDITS["paused"][0])
    with school_scope(school):
        coupon.refresh_from_db()
    assert type(outcome).__name__ == "Placed" and coupon.paused_at, outcome


def test_a_limit_and_uses_at_one_instant_agree(school):
    """A limit set first while ten buy: below what is used it is refused, else counter and ledger are one."""
    offer, coupon = sold_offer(school), CouponFactory(school=school, code="SPRING")
    edit = in_school(school, lambda: said_anew(max_uses=4)(coupon))
    outcomes = race(edit, *[buy(school, sprung(offer, email=f"s{n}@example.test")) for n in range(10)])
    kinds = kinds_of(outcomes)
    with school_scope(school):
        coupon.refresh_from_db()
        orders = Order.objects.filter(discount_minor__gt=0).count()
    assert set(kinds) <= {"Coupon", "LimitBelowUsed", "Placed", "CouponRefused"}, outcomes
    assert isinstance(outcomes[0], LimitBelowUsed) or (coupon.max_uses == 4 and coupon.uses <= 4), outcomes
    assert orders == counted(school) == kinds["Placed"], kinds
    assert damage() == {}


def test_giving_back_while_a_limit_is_set_leaves_the_counter_right(school):
    offer, coupon = sold_offer(school), CouponFactory(school=school, code="SPRING")
    orders = [with_coupon(offer, email=f"s{n}@example.test") for n in range(6)]
    cancels = [in_school(school, cancel_order, order=order, reason="", actor=None) for order in orders[:4]]
    outcomes = race(*cancels, in_school(school, lambda: said_anew(max_uses=9)(coupon)))
    assert kinds_of(outcomes) == {"Order": 4, "Coupon": 1}, outcomes
    assert uses(coupon)[0] == counted(school) == 2
    assert damage() == {}
