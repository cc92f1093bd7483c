"""Rewards by rule: what somebody did or left undone, and each reason why a reward was not given (C33, C35)."""

from datetime import timedelta

import pytest

from automations import reasons
from automations.models import Automation, Step
from automations.services.runs import start_for
from contacts.services.lists import create_list, delete_list
from contacts.services.tags import tag_contacts
from kwiga import clock
from schools.outbox.claims import ATTEMPTS
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory, mail, percent_coupon
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory
from tests.factories.orders import PaidOrderFactory, PlacedOrderFactory, sold_offer
from tests.support.automations import coupons, mails, runs
from tests.support.coupons import pay
from tests.support.rewards import NOON

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])

SECOND = timedelta(seconds=1)
GIFT = (percent_coupon(), mail("{{ coupon.code }}"))


@pytest.mark.spec("C33.2: no payment in 1 h, a reward at 1 h, none if paid")
def test_who_has_not_paid_within_the_hour_is_rewarded_then(school):
    offer = sold_offer(school)
    with clock.at(NOON):
        AutomationFactory(school=school, trigger="order.unpaid", trigger_settings={"offer": "", "hours": 1}, steps=GIFT)
    with clock.at(NOON + SECOND):
        left = PlacedOrderFactory(offer=offer, email="olena@example.test")
        paid = PlacedOrderFactory(offer=offer, email="prompt@example.test")
    due = NOON + SECOND + timedelta(hours=1)
    with clock.at(due - SECOND):
        pay(paid)
        drain()
    assert (coupons(school), mails(school)) == ([], [])
    with clock.at(due):
        drain()
    assert [coupon.contact_id for coupon in coupons(school)] == [left.contact_id]
    with clock.at(due + timedelta(days=1)):
        drain()
    assert mails(school) == [(left.contact_id, "News")]


@pytest.mark.spec("C33.1: everybody who has bought nothing for six months gets 20 %, once")
def test_who_has_bought_nothing_for_long_is_won_back(school, owner, staff):
    with clock.at(NOON - timedelta(days=200)):
        late = PaidOrderFactory(offer=sold_offer(school), email="late@example.test")
    with clock.at(NOON - timedelta(days=100)):
        PaidOrderFactory(offer=sold_offer(school), email="recent@example.test")
    long_ago = {"match": "all", "parts": [{"fact": "last_purchase", "op": "longer", "value": 180}]}
    with clock.at(NOON):
        with school_scope(school):
            group = create_list(name="Long ago", actor=None, conditions=long_ago)
        steps = (percent_coupon(percent_bp=2000), mail("{{ coupon.size }}"))
        automation = AutomationFactory(school=school, trigger="contact.by_hand", repeat="once", steps=steps)
        for _press in range(2):
            address = f"/green/automations/{automation.token}/by-hand/"
            page = staff(owner).post(address, {"contact_list": group.token}, follow=True)
            assert "It is started for 1 contact." in page.text
            drain()
    assert [(coupon.contact_id, coupon.percent_bp) for coupon in coupons(school)] == [(late.contact_id, 2000)]
    assert mails(school) == [(late.contact_id, "News")]


# --- Each error by its cause (C35) ---


def given(school, contact, *said, **facts):
    """An automation started by hand for the contact, and what it is called by the rows of a test."""
    automation = AutomationFactory(school=school, trigger="contact.by_hand", steps=said or GIFT, **facts)
    return automation, lambda: start(automation, contact)


def start(automation, contact):
    with school_scope(automation.school_id):
        start_for(automation=automation, contacts=[contact], actor=None)
    drain()


def rewrite(automation, **said):
    """The settings of its first step, as no form lets them be."""
    with school_scope(automation.school_id):
        step = Step.objects.get(version__automation=automation, position=0)
        step.settings = step.settings | said
        step.save()


def invalid(school, contact):
    automation, go = given(school, contact)
    rewrite(automation, percent_bp=0)
    go()


def over(school, contact):
    automation, go = given(school, contact)
    rewrite(automation, valid="until", valid_until="2020-01-01")
    go()


def exhausted(school, contact):
    automation, go = given(school, contact)
    rewrite(automation, code="pattern", pattern="GONE")
    CouponFactory(school=school, code="GONE")
    go()


def without_an_offer(school, contact):
    automation, go = given(school, contact)
    rewrite(automation, offers="event")
    go()


def list_deleted(school, contact):
    with school_scope(school):
        private = create_list(name="Private", actor=None)
    automation, go = given(school, contact, ("list_add", {"list": private.token}), *GIFT)
    with school_scope(school):
        Automation.objects.filter(pk=automation.pk).update(state="off")
        delete_list(contact_list=private, actor=None)
        Automation.objects.filter(pk=automation.pk).update(state="on")
    go()


def twice(school, contact):
    _automation, go = given(school, contact, repeat="once")
    go()
    go()


def too_soon(school, contact):
    _automation, go = given(school, contact, repeat="pause", repeat_days=7)
    go()
    go()


def above_the_cap(school, contact):
    automation, _go = given(school, contact, max_runs=1)
    start(automation, ContactFactory(school=school))
    start(automation, contact)


def in_circles(school, contact):
    turn = (("untag", {"tag": "loop"}), ("tag", {"tag": "loop"}))
    AutomationFactory(school=school, trigger="contact.tagged", steps=turn)
    with school_scope(school):
        tag_contacts(contacts=[contact], name="loop")
    drain()


def broken(school, contact):
    automation, go = given(school, contact, ("wait", {"days": 1}), *GIFT)
    rewrite(automation, days="many")
    at = clock.now()
    go()
    for hour in range(1, ATTEMPTS + 1):
        with clock.at(at + timedelta(hours=hour)):
            drain()


CAUSES = {
    invalid: reasons.BAD_COUPON,
    over: reasons.COUPON_OVER,
    exhausted: reasons.NO_FREE_CODE,
    without_an_offer: reasons.NO_OFFER,
    list_deleted: reasons.OBJECT_GONE,
    twice: reasons.ONCE,
    too_soon: reasons.PAUSE,
    above_the_cap: reasons.MAX_RUNS,
    in_circles: reasons.LOOP,
    broken: reasons.BROKEN,
}


@pytest.mark.spec("C35.1: force each coupon error, counted once under its name")
@pytest.mark.parametrize("force", CAUSES, ids=lambda cause: cause.__name__)
def test_each_error_is_counted_once_under_its_name(school, owner, staff, contact, force):
    force(school, contact)
    page = staff(owner).get("/green/automations/errors/")
    assert [(error.reason, error.number) for error in page.context["errors"]] == [(CAUSES[force], 1)]
    assert str(reasons.sentence_for(CAUSES[force])) in page.text
    # Each reward that was given is one coupon and one mail, and there is no other.
    done = runs(school).count(("done", "")) if force is not in_circles else 0
    assert len(mails(school)) == done
