"""Coupons that start later, and what the journal tells of rewards and uses (C05, C06, C37)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from automations.models import RunStep
from coupons.models import Coupon
from coupons.status import Status, status_of
from kwiga import clock
from orders.services.refunds import request_refund
from schools.models import Event
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory, percent_coupon
from tests.factories.contacts import ContactFactory
from tests.factories.orders import PlacedOrderFactory, placed, sold_offer
from tests.support.automations import coupons
from tests.support.coupons import pay
from tests.support.rewards import NOON, code, price, rewarded

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])

KYIV = ZoneInfo("Europe/Kyiv")
SECOND = timedelta(seconds=1)


@pytest.mark.spec("C06.1: usable two days later to the minute")
@pytest.mark.spec("C05.1: one second early is refused with the start")
@pytest.mark.spec("C05.2: the zone of the project counts")
@pytest.mark.spec("C37.1: one event per real change")
def test_it_starts_two_days_later_to_the_minute(school):
    offer = sold_offer(school)
    (coupon,) = rewarded(school, starts_after_days=2)
    start = datetime(2027, 2, 12, 12, 0, tzinfo=KYIV)
    assert (coupon.starts_at, coupon.ends_at) == (start, start + timedelta(days=7))
    assert status_of(coupon, start - SECOND) == Status.SCHEDULED
    total, said = price(offer, coupon, "olena@example.test", when=start - SECOND)
    assert total == 120_000
    assert said == "This code can be used from Feb 12, 2027, 12:00 (Kyiv)."
    assert price(offer, coupon, "olena@example.test", when=start)[0] == 102_000
    assert told(school) == ["coupon.rewarded"]
    with clock.at(start - SECOND):
        drain()
    assert told(school) == ["coupon.rewarded"]
    for _look in range(2):
        with clock.at(start):
            drain()
    assert told(school) == ["coupon.rewarded", "coupon.activated"]


@pytest.mark.spec("C06.2: at once, one event")
def test_without_a_delay_it_can_be_used_now_and_only_the_reward_is_told(school):
    offer = sold_offer(school)
    (coupon,) = rewarded(school)
    assert coupon.starts_at is None
    assert price(offer, coupon, "olena@example.test")[0] == 102_000
    with clock.at(NOON + timedelta(days=6)):
        drain()
    assert told(school) == ["coupon.rewarded"]


@pytest.mark.spec("C06.1: a purchase, and two days later to the minute")
@pytest.mark.spec("C06.3: an event of one person changes nothing for another")
def test_a_purchase_starts_the_coupon_of_its_buyer_alone(school):
    offer = sold_offer(school)
    with clock.at(NOON):
        said = {"trigger": "order.paid", "trigger_settings": {"offer": ""}}
        AutomationFactory(school=school, steps=(percent_coupon(starts_after_days=2),), **said)
        ContactFactory(school=school, email="idle@example.test")
    for later, who in ((timedelta(), "first"), (timedelta(days=1), "second")):
        with clock.at(NOON + later):
            pay(PlacedOrderFactory(offer=offer, email=f"{who}@example.test"))
            drain()
    first, second = coupons(school)  # and none for who bought nothing
    for coupon, owner, other, start in ((first, "first", "second", 2), (second, "second", "first", 3)):
        at = NOON + timedelta(days=start)
        assert coupon.starts_at == at
        assert price(offer, coupon, f"{owner}@example.test", when=at - SECOND)[0] == 120_000
        assert price(offer, coupon, f"{owner}@example.test", when=at)[0] == 102_000
        assert price(offer, coupon, f"{other}@example.test", when=at)[0] == 120_000


def test_a_coupon_put_away_before_its_start_is_never_activated(school):
    (coupon,) = rewarded(school, starts_after_days=2)
    with school_scope(school):
        Coupon.objects.filter(pk=coupon.pk).update(archived_at=NOON)
    with clock.at(NOON + timedelta(days=3)):
        drain()
    assert told(school) == ["coupon.rewarded"]


def told(school):
    kinds = ("coupon.rewarded", "coupon.activated")
    with school_scope(school):
        return list(Event.objects.filter(kind__in=kinds).order_by("id").values_list("kind", flat=True))


def facts(school, kind):
    with school_scope(school):
        return Event.objects.get(kind=kind)


@pytest.mark.spec("C37.1: who, what, by which automation, from when until when")
def test_the_reward_names_the_contact_the_automation_and_the_window(school):
    (coupon,) = rewarded(school, starts_after_days=1)
    event = facts(school, "coupon.rewarded")
    with school_scope(school):
        step = RunStep.objects.select_related("run").get()
    assert event.subject_id == coupon.pk == step.coupon_id
    assert event.data == {
        "contact": coupon.contact_id,
        "automation": step.run.automation_id,
        "starts_at": coupon.starts_at.isoformat(),
        "ends_at": coupon.ends_at.isoformat(),
        "run": step.run_id,
    }


@pytest.mark.spec("C37.2: the amount equals the order's discount")
@pytest.mark.spec("C37.3: a revert carries the same order id")
def test_uses_and_reverts_name_the_order_and_its_discount(school):
    offer = sold_offer(school)
    (coupon,) = rewarded(school)
    with clock.at(NOON):
        order = placed(offer, email="olena@example.test", code=code(coupon), shown_total_minor=102_000).order
        pay(order)
    used = facts(school, "coupon.redeemed")
    assert (used.data["order"], used.data["amount_minor"], used.data["currency"]) == (
        order.pk,
        order.discount_minor,
        "UAH",
    )
    with clock.at(NOON + timedelta(days=1)), school_scope(school):
        request_refund(payment=order.payments.get(), amount_minor=102_000, reason="", returns_coupon=True, actor=None)
    back = facts(school, "coupon.released")
    assert (back.data["order"], back.data["amount_minor"]) == (order.pk, order.discount_minor)
