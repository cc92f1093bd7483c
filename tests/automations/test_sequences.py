"""Sequences of mails: conditions looked at when they are due, ended by paying, held back by hours, limits, consent."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as django_mail

from automations.models import Run
from contacts.models import Contact
from contacts.services.consent import unsubscribe
from kwiga import clock
from offers.services import ItemTerms
from schools.models import School
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory, mail, wait
from tests.factories.contacts import ContactFactory
from tests.factories.orders import PlacedOrderFactory, sold_offer
from tests.support.automations import mails, runs, steps
from tests.support.coupons import pay

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])

KYIV = ZoneInfo("Europe/Kyiv")
NOON = datetime(2027, 2, 10, 12, 0, tzinfo=KYIV)
SECOND = timedelta(seconds=1)
ORDER = {"trigger": "order.placed", "trigger_settings": {"offer": ""}}


def kyiv(*wall_clock):
    return datetime(*wall_clock, tzinfo=KYIV).astimezone(UTC)


def at(instant):
    with clock.at(instant):
        drain()


def begin(school, *said, when=NOON, **facts):
    """The automation is on, and a contact who sets it off is new."""
    with clock.at(when):
        automation = AutomationFactory(school=school, steps=said, **facts)
        ContactFactory(school=school, email="olena@example.test", name="Olena")
        drain()
    return automation


# --- Conditions, and paying ---


@pytest.mark.spec("P1.1: event, false condition: no action, and the next step does not run")
def test_a_condition_is_looked_at_when_the_wait_is_over(school):
    condition = {"match": "all", "parts": [{"fact": "language", "op": "is", "value": "uk"}]}
    begin(school, wait(days=1), ("condition", {"conditions": condition, "order": ""}), mail())
    at(NOON + timedelta(days=1))
    assert runs(school) == [("stopped", "condition")]
    assert steps(school)[1:] == [(1, "skipped", "condition")]
    with clock.at(NOON + timedelta(days=2)):
        fresh = ContactFactory(school=school)
        drain()
    with school_scope(school):
        Contact.objects.filter(pk=fresh.pk).update(language="uk")
    at(NOON + timedelta(days=3))
    assert runs(school)[1] == ("done", "")
    assert mails(school) == [(fresh.pk, "News")]


def ordered(school, *said, offer=None, **facts):
    with clock.at(NOON):
        AutomationFactory(school=school, steps=said, **(ORDER | facts))
        order = PlacedOrderFactory(offer=offer or sold_offer(school), email="olena@example.test")
        drain()
    return order


@pytest.mark.spec("K16.1: unpaid 24 h, one mail; paid at hour 23, none")
def test_paying_ends_what_was_to_remind_of_it(school):
    order = ordered(school, wait(hours=24), mail(is_news=False))
    with clock.at(NOON + timedelta(hours=23)):
        pay(order)
        drain()
    at(NOON + timedelta(hours=25))
    assert runs(school) == [("stopped", "paid")]
    assert mails(school) == []


@pytest.mark.spec("K16.1")
def test_an_unpaid_order_is_reminded_of_once(school):
    order = ordered(school, wait(hours=24), mail("{{ order.pay_link }}", is_news=False))
    at(NOON + timedelta(hours=25))
    at(NOON + timedelta(hours=30))
    assert mails(school) == [(order.contact_id, "News")]
    assert runs(school) == [("done", "")]


@pytest.mark.spec("K16.2: three orders for one offer by one person, one sequence")
def test_three_orders_for_one_offer_are_one_sequence(school):
    offer = sold_offer(school)
    ordered(school, wait(hours=24), mail(is_news=False), offer=offer)
    for hours in (1, 2):
        with clock.at(NOON + timedelta(hours=hours)):
            PlacedOrderFactory(offer=offer, email="olena@example.test")
            drain()
    at(NOON + timedelta(days=3))
    assert sorted(runs(school)) == [("done", ""), ("stopped", "under_way"), ("stopped", "under_way")]
    assert len(mails(school)) == 1


@pytest.mark.spec("K16.3: pays another order for the same product")
def test_paying_another_offer_of_the_same_course_ends_it(school):
    offer = sold_offer(school)
    ordered(school, wait(hours=24), mail(is_news=False), offer=offer)
    with school_scope(school):
        item = offer.items.get()
    other = sold_offer(school, items=(ItemTerms(course_id=item.course_id),))
    elsewhere = sold_offer(school)
    with clock.at(NOON + timedelta(hours=1)):
        pay(PlacedOrderFactory(offer=elsewhere, email="olena@example.test"))
        pay(PlacedOrderFactory(offer=other, email="somebody@example.test"))
        drain()
    assert ("waiting", "") in runs(school)
    with clock.at(NOON + timedelta(hours=2)):
        pay(PlacedOrderFactory(offer=other, email="olena@example.test"))
        drain()
    with school_scope(school):
        first = Run.objects.order_by("id").first()
    assert (first.state, first.reason) == ("stopped", "paid")


def test_a_payment_that_no_event_told_yet_is_seen_before_the_step(school):
    order = ordered(school, wait(hours=24), mail(is_news=False))
    with clock.at(NOON + timedelta(hours=24)):
        pay(order)
        # The run's row is older than the row of the payment's event, and is worked first.
        drain()
    assert runs(school) == [("stopped", "paid")]
    assert mails(school) == []


def test_a_run_that_waits_for_the_money_goes_on_when_it_is_there(school):
    order = ordered(school, wait(hours=1), ("condition", {"conditions": None, "order": "paid"}), ("tag", {"tag": "x"}))
    with clock.at(NOON + timedelta(minutes=30)):
        pay(order)
        drain()
    at(NOON + timedelta(hours=1))
    assert runs(school) == [("done", "")]


# --- Mail ---


@pytest.mark.spec("K16.5: unsubscribed contact, no mail, logged as skipped")
def test_who_wants_no_news_gets_none_and_the_log_says_so(school):
    begin(school, wait(days=1), mail(), ("tag", {"tag": "mailed"}))
    with clock.at(NOON + timedelta(hours=1)), school_scope(school):
        unsubscribe(contact=Contact.objects.get())
    at(NOON + timedelta(days=1))
    assert steps(school)[1:] == [(1, "skipped", "unsubscribed")]
    assert runs(school) == [("stopped", "unsubscribed")]
    assert mails(school) == []


def test_in_quiet_hours_news_wait_for_their_end_and_then_go_once(school):
    School.objects.filter(pk=school.pk).update(quiet_from=time(21, 0), quiet_until=time(8, 0))
    late = datetime(2027, 2, 10, 22, 0, tzinfo=KYIV)
    begin(school, mail(), ("tag", {"tag": "mailed"}), when=late)
    assert runs(school) == [("waiting", "")]
    assert steps(school) == [(0, "waiting", "quiet_hours")]
    morning = datetime(2027, 2, 11, 8, 0, tzinfo=KYIV)
    at(morning - SECOND)
    assert mails(school) == []
    at(morning)
    assert len(mails(school)) == 1
    assert runs(school) == [("done", "")]
    assert steps(school) == [(0, "done", ""), (1, "done", "")]


def test_above_the_limit_of_a_day_news_wait_for_the_next(school):
    School.objects.filter(pk=school.pk).update(news_a_contact_a_day=1)
    begin(school, mail(subject="First"), mail(subject="Second"))
    assert steps(school) == [(0, "done", ""), (1, "waiting", "contact_limit")]
    at(datetime(2027, 2, 11, 0, 0, tzinfo=KYIV))
    assert [subject for _contact, subject in mails(school)] == ["First", "Second"]


def test_a_mail_goes_out_in_the_contacts_language_else_in_the_schools(school):
    texts = {"uk": {"subject": "Вітаємо", "body": "Вітаємо"}, "en": {"subject": "Hello", "body": "Hello"}}
    with clock.at(NOON):
        AutomationFactory(school=school, steps=(("mail", {"texts": texts, "is_news": True}),))
        for language in ("uk", "pl", ""):
            ContactFactory(school=school, language=language)
        drain()
    assert sorted(letter.subject for letter in django_mail.outbox) == ["Hello", "Hello", "Вітаємо"]
