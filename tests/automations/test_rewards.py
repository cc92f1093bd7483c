"""Whole scenarios with coupons: the number of purchases, and orders left at payment (K33, K35)."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as django_mail

from automations.recipes import recipe_of
from contacts.services.lists import create_list
from kwiga import clock
from orders.models import Order
from orders.services.closing import cancel_order
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory, mail, percent_coupon
from tests.factories.coupons import CouponFactory
from tests.factories.orders import PaidOrderFactory, PlacedOrderFactory, sold_offer
from tests.support.automations import coupons, mails, runs, steps
from tests.support.coupons import pay
from tests.support.rewards import NOON, code, price, rewarded

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])

KYIV = ZoneInfo("Europe/Kyiv")
SECOND = timedelta(seconds=1)


def news():
    """To whom each mail of an automation went, and the code that it begins with."""
    letters = [letter for letter in django_mail.outbox if letter.subject == "News"]
    return [(letter.to[0], letter.body.split()[0]) for letter in letters]


@pytest.mark.spec("K33.1: second paid order, a coupon for that contact and a mail with the code")
def test_the_second_purchase_is_rewarded_by_mail(school):
    offer = sold_offer(school)
    AutomationFactory(
        school=school,
        trigger="purchases.reached",
        trigger_settings={"count": 2},
        steps=(percent_coupon(), mail("{{ coupon.code }} {{ coupon.link }}")),
    )
    orders = [PaidOrderFactory(offer=each, email="olena@example.test") for each in (offer, sold_offer(school))]
    drain()
    (coupon,) = coupons(school)
    assert coupon.contact_id == orders[0].contact_id
    assert mails(school) == [(coupon.contact_id, "News")]
    assert news() == [("olena@example.test", code(coupon))]


@pytest.mark.spec("K35.1: unpaid 2 h, on the list, mail with code")
@pytest.mark.spec("K35.2: a friend who is not on the list is refused")
@pytest.mark.spec("K35.3: pays before the delay, nothing")
@pytest.mark.spec("K35.4: second abandonment within N days, no second code")
@pytest.mark.spec("K35.5: the code works on the same offer only")
def test_a_private_code_for_an_unpaid_order(school):
    offer, other = sold_offer(school), sold_offer(school)
    with clock.at(NOON):
        with school_scope(school):
            private = create_list(name="Left at payment", actor=None)
        AutomationFactory(
            school=school,
            trigger="order.unpaid",
            trigger_settings={"offer": "", "hours": 2},
            repeat="pause",
            repeat_days=30,
            steps=(
                ("list_add", {"list": private.token}),
                percent_coupon(offers="event"),
                mail("{{ coupon.code }} {{ coupon.link }}"),
            ),
        )
    with clock.at(NOON + SECOND):
        left = PlacedOrderFactory(offer=offer, email="olena@example.test")
        pay(PlacedOrderFactory(offer=offer, email="prompt@example.test"))
    due = NOON + SECOND + timedelta(hours=2)
    with clock.at(due):
        drain()
    (coupon,) = coupons(school)
    with school_scope(school):
        assert list(private.members.values_list("contact_id", flat=True)) == [left.contact_id]
    assert news() == [("olena@example.test", code(coupon))]
    assert price(offer, coupon, "olena@example.test", when=due)[0] == 102_000
    assert price(other, coupon, "olena@example.test", when=due)[0] == 120_000
    assert price(offer, coupon, "friend@example.test", when=due)[0] == 120_000
    with clock.at(due + timedelta(days=1)):
        with school_scope(school):
            cancel_order(order=Order.objects.get(pk=left.pk), reason="", actor=None)
        PlacedOrderFactory(offer=offer, email="olena@example.test")
    with clock.at(due + timedelta(days=2)):
        drain()
    assert len(coupons(school)) == 1
    assert runs(school)[1] == ("failed", "pause")


@pytest.mark.spec("K35.1: one code for a private list, put in and written to at 2 h")
@pytest.mark.spec("K35.2: the code works for those in the list, and a friend is not")
def test_one_code_for_a_private_list_that_paying_takes_people_out_of(school):
    offer = sold_offer(school)
    with clock.at(NOON):
        with school_scope(school):
            private = create_list(name="Left at payment", actor=None)
        coupon = CouponFactory(school=school, code="COMEBACK", audience="list", contact_list_id=private.pk)
        AutomationFactory(
            school=school,
            trigger="order.unpaid",
            trigger_settings={"offer": "", "hours": 2},
            steps=(("list_add", {"list": private.token}), mail("COMEBACK is for you")),
        )
        out = recipe_of("paid-after-all").facts()
        steps_out = tuple((step["kind"], {"list": private.token}) for step in out.pop("steps"))
        AutomationFactory(school=school, steps=steps_out, **out)
    with clock.at(NOON + SECOND):
        left = PlacedOrderFactory(offer=offer, email="olena@example.test")
    due = NOON + SECOND + timedelta(hours=2)

    def prices():
        return [price(offer, coupon, f"{who}@example.test", when=due)[0] for who in ("olena", "friend")]

    with clock.at(due - SECOND):
        drain()
    assert (prices(), news()) == ([120_000, 120_000], [])
    with clock.at(due):
        drain()
    assert prices() == [108_000, 120_000]
    assert news() == [("olena@example.test", "COMEBACK")]
    with clock.at(due + timedelta(hours=1)):
        pay(left)
        drain()
    assert prices() == [120_000, 120_000]


def test_the_recipe_for_unpaid_orders_teaches_nobody_to_leave_them():
    """Who used a code already gets none, and who got one gets none soon (K35)."""
    said = recipe_of("unpaid").facts()
    assert said["trigger_settings"]["without_coupon"] is True
    assert (said["repeat"], said["repeat_days"]) == ("pause", 30)


def test_a_code_for_the_offer_of_an_event_without_one_fails(school):
    rewarded(school, offers="event")
    assert steps(school) == [(0, "failed", "no_offer")]
