"""Whole scenarios with coupons: the number of purchases, and orders left at payment (K33, K35)."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from contacts.services.lists import create_list
from kwiga import clock
from orders.models import Order
from orders.services.closing import cancel_order
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory, mail, percent_coupon
from tests.factories.orders import PaidOrderFactory, PlacedOrderFactory, sold_offer
from tests.support.automations import coupons, mails, runs, steps
from tests.support.coupons import pay
from tests.support.rewards import NOON, price, rewarded

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])

KYIV = ZoneInfo("Europe/Kyiv")
SECOND = timedelta(seconds=1)


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
    assert mails(school) == [(left.contact_id, "News")]
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


def test_a_code_for_the_offer_of_an_event_without_one_fails(school):
    rewarded(school, offers="event")
    assert steps(school) == [(0, "failed", "no_offer")]
