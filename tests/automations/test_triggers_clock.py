"""Triggers of the clock: found at their time, once, in windows without a gap, over changes of the clocks too."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as django_mail

from automations.engine import sweeping
from automations.models import Run
from automations.services.switching import apply_changes, switch_off, switch_on
from automations.services.writing import draft_of, set_trigger
from contacts.models import Contact, ContactField, ContactValue
from courses.services.access import change_access, revoke_access
from kwiga import clock
from schools.models import Event
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory, mail
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory
from tests.factories.courses import CourseFactory, give_access
from tests.factories.orders import PlacedOrderFactory, sold_offer
from tests.support.automations import runs
from tests.support.coupons import pay, with_coupon
from tests.support.outbox import rows

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])

KYIV = ZoneInfo("Europe/Kyiv")
NOON = datetime(2027, 2, 10, 12, 0, tzinfo=KYIV)
SECOND = timedelta(seconds=1)


def listening(school, trigger, at=NOON, **settings):
    with clock.at(at):
        return AutomationFactory(school=school, trigger=trigger, trigger_settings=settings)


def count_at(school, instant):
    """How many runs there are once everything due by then is done."""
    with clock.at(instant):
        drain()
    return len(runs(school))


def place(school, at=NOON, **said):
    with clock.at(at):
        return PlacedOrderFactory(offer=said.pop("offer", None) or sold_offer(school), **said)


@pytest.mark.spec("C33.2: no payment in 1 h, reward at 1 h, none if paid")
@pytest.mark.spec("K16.1: unpaid 24 h, paid at hour 23: none")
def test_an_order_that_stays_unpaid_is_found_to_the_second(school):
    listening(school, "order.unpaid", offer="", hours=24)
    first = place(school, at=NOON + SECOND)
    second = place(school, at=NOON + SECOND)
    with clock.at(NOON + timedelta(hours=23)):
        pay(second)
    due = NOON + SECOND + timedelta(hours=24)
    assert count_at(school, due - SECOND) == 0
    assert count_at(school, due) == 1
    assert count_at(school, due + timedelta(days=3)) == 1
    with school_scope(school):
        assert Run.objects.get().order_id == first.pk


def test_orders_of_other_offers_and_those_before_the_switch_are_left_alone(school):
    offer = sold_offer(school)
    place(school, at=NOON - timedelta(hours=2), offer=offer)
    listening(school, "order.unpaid", offer=offer.token, hours=1)
    place(school, at=NOON + SECOND)
    assert count_at(school, NOON + timedelta(hours=9)) == 0


def test_orders_that_had_a_promo_code_can_be_left_out(school):
    CouponFactory(school=school, code="SPRING")
    offer = sold_offer(school)
    listening(school, "order.unpaid", offer="", hours=1, without_coupon=True)
    with clock.at(NOON + SECOND):
        with_coupon(offer, "SPRING", email="coupon@example.test")
        plain = PlacedOrderFactory(offer=offer)
    assert count_at(school, NOON + timedelta(hours=2)) == 1
    with school_scope(school):
        assert Run.objects.get().order_id == plain.pk


def test_orders_of_other_sums_and_currencies_can_be_left_out(school):
    listening(school, "order.unpaid", offer="", hours=1, least=500, most=1200)
    listening(school, "order.placed", offer="", least=1201, most=None)
    listening(school, "order.placed", offer="", least=None, most=499)
    sums = {49_900: "UAH", 50_000: "UAH", 120_000: "UAH", 120_100: "UAH", 60_000: "EUR"}
    for price_minor, currency in sums.items():
        place(school, at=NOON + SECOND, offer=sold_offer(school, price_minor=price_minor, currency=currency))
    count_at(school, NOON + timedelta(hours=2))
    with school_scope(school):
        found = Run.objects.values_list("version__trigger", "order__total_minor").order_by("order__total_minor")
        assert list(found) == [
            ("order.placed", 49_900),
            ("order.unpaid", 50_000),
            ("order.unpaid", 120_000),
            ("order.placed", 120_100),
        ]


@pytest.mark.spec("K16.4: switching on does not mail last week's orders")
def test_last_weeks_orders_start_nothing(school):
    for days in range(1, 7):
        place(school, at=NOON - timedelta(days=days))
    listening(school, "order.unpaid", offer="", hours=1)
    assert count_at(school, NOON + timedelta(hours=9)) == 0


@pytest.mark.spec("F10: what came due while nobody looked is late, not lost")
def test_a_worker_that_comes_days_late_finds_all(school):
    listening(school, "order.unpaid", offer="", hours=1)
    for hours in (1, 5, 30):
        place(school, at=NOON + timedelta(hours=hours))
    assert count_at(school, NOON + timedelta(days=3)) == 3


def test_many_that_come_due_at_once_start_in_pieces(school, monkeypatch):
    monkeypatch.setattr(sweeping, "PIECE", 2)
    listening(school, "order.unpaid", offer="", hours=1)
    offer = sold_offer(school)
    for _number in range(5):
        place(school, at=NOON + SECOND, offer=offer)
    assert count_at(school, NOON + timedelta(hours=2)) == 5
    with school_scope(school):
        assert Event.objects.filter(kind="automation.came_due").count() == 5


@pytest.mark.parametrize(
    ("ends", "due"),
    [
        # Clocks go ahead on 28 March 2027 and back on 31 October 2027.
        (datetime(2027, 3, 30, 10, 0, tzinfo=KYIV), datetime(2027, 3, 23, 10, 0, tzinfo=KYIV)),
        (datetime(2027, 11, 3, 10, 0, tzinfo=KYIV), datetime(2027, 10, 27, 10, 0, tzinfo=KYIV)),
        # The end of a month.
        (datetime(2027, 3, 5, 10, 0, tzinfo=KYIV), datetime(2027, 2, 26, 10, 0, tzinfo=KYIV)),
    ],
)
def test_access_about_to_end_by_the_calendar(school, contact, ends, due):
    course = CourseFactory(school=school)
    listening(school, "access.ending", course=course.token, days=7)
    with clock.at(NOON):
        give_access(contact, course, ends_at=ends)
        give_access(contact, CourseFactory(school=school), ends_at=ends)
    assert count_at(school, due - SECOND) == 0
    assert count_at(school, due) == 1


def test_access_that_something_longer_makes_up_for_is_not_ending(school, contact):
    course = CourseFactory(school=school)
    listening(school, "access.ending", course="", days=7)
    with clock.at(NOON):
        give_access(contact, course, ends_at=NOON + timedelta(days=20))
        (longer,) = give_access(contact, course, ends_at=NOON + timedelta(days=60))
        (revoked,) = give_access(
            ContactFactory(school=school), CourseFactory(school=school), ends_at=NOON + timedelta(days=20)
        )
        with school_scope(school):
            revoke_access(access=revoked, actor=None, reason="")
    assert count_at(school, NOON + timedelta(days=20)) == 0
    with clock.at(NOON + timedelta(days=21)), school_scope(school):
        ends_at = NOON + timedelta(days=40)
        change_access(access=longer, starts_at=longer.starts_at, ends_at=ends_at, actor=None)
    assert count_at(school, NOON + timedelta(days=39)) == 1


def test_a_contact_who_stays_away(school):
    listening(school, "contact.inactive", days=30)
    away, back, _never = (ContactFactory(school=school) for _number in range(3))
    with school_scope(school):
        Contact.objects.filter(pk__in=[away.pk, back.pk]).update(last_seen_at=NOON + SECOND)
    with school_scope(school):
        Contact.objects.filter(pk=back.pk).update(last_seen_at=NOON + timedelta(days=20))
    due = NOON + SECOND + timedelta(days=30)
    assert count_at(school, due - timedelta(hours=1)) == 0
    # Nobody foresees it: it is found within the hour.
    assert count_at(school, due + timedelta(hours=1)) == 1
    assert count_at(school, due + timedelta(days=9)) == 1
    with school_scope(school):
        assert Run.objects.get().contact_id == away.pk
        Contact.objects.filter(pk=away.pk).update(last_seen_at=due + timedelta(days=10))
    assert count_at(school, due + timedelta(days=41)) == 3  # away again, and the other one


def test_a_personal_coupon_about_to_end_unused(school, contact):
    with clock.at(NOON):
        ends = NOON + timedelta(days=10)
        CouponFactory(school=school, code="MINE", audience="contact", contact_id=contact.pk, ends_at=ends)
        CouponFactory(school=school, code="EVERYBODYS", ends_at=ends)
        said = {"trigger": "coupon.ending", "trigger_settings": {"days": 2}}
        AutomationFactory(school=school, steps=(mail("{{ coupon.code }} ends {{ coupon.expires }}"),), **said)
    assert count_at(school, ends - timedelta(days=2) - SECOND) == 0
    assert count_at(school, ends - timedelta(days=2)) == 1
    (letter,) = django_mail.outbox
    assert letter.body.startswith("MINE ends Feb 20, 2027, 12:00 (Kyiv)")


# --- Dates of contacts ---


def born(school, contact, day):
    with school_scope(school):
        field = ContactField.objects.get_or_create(
            school_id=school.pk, label="Birthday", defaults={"kind": ContactField.Kind.DATE}
        )[0]
        ContactValue.objects.create(school_id=school.pk, contact=contact, field=field, date=day)
        return field


def morning(day):
    return datetime.combine(day, time(9, 0), tzinfo=KYIV)


def test_a_birthday_comes_every_year_on_the_morning_before(school, contact):
    field = born(school, contact, date(1990, 3, 1))
    listening(school, "field.date", field=field.token, days_before=1)
    assert count_at(school, morning(date(2027, 2, 28)) - SECOND) == 0
    assert count_at(school, morning(date(2027, 2, 28))) == 1
    assert count_at(school, morning(date(2028, 2, 28))) == 1  # a leap year has one more day before it
    assert count_at(school, morning(date(2028, 2, 29))) == 2


def test_the_29th_of_february_is_kept_on_the_28th(school, contact):
    field = born(school, contact, date(1992, 2, 29))
    listening(school, "field.date", field=field.token, days_before=0)
    assert count_at(school, morning(date(2027, 2, 28))) == 1
    assert count_at(school, morning(date(2028, 2, 28))) == 1
    assert count_at(school, morning(date(2028, 2, 29))) == 2


def test_a_date_that_comes_once(school, contact):
    field = born(school, contact, date(2027, 3, 28))  # the day on which clocks go ahead
    listening(school, "field.date", field=field.token, days_before=0, yearly=False)
    assert count_at(school, morning(date(2027, 3, 28)) - SECOND) == 0
    assert count_at(school, morning(date(2027, 3, 28))) == 1
    assert count_at(school, morning(date(2028, 3, 29))) == 1


# --- The look itself ---


def looks(school):
    return rows(school, kind=sweeping.KIND, done_at=None, dead_at=None)


def test_one_look_is_planned_while_it_is_on_and_none_afterwards(school):
    automation = listening(school, "order.unpaid", offer="", hours=1)
    for hours in (1, 2, 3):
        count_at(school, NOON + timedelta(hours=hours))
        assert len(looks(school)) == 1
    with clock.at(NOON + timedelta(hours=4)), school_scope(school):
        switch_off(automation=automation, actor=None)
    count_at(school, NOON + timedelta(hours=5))
    assert looks(school) == []


def test_switched_on_again_it_looks_from_then_on(school):
    automation = listening(school, "order.unpaid", offer="", hours=1)
    with clock.at(NOON + timedelta(hours=1)), school_scope(school):
        switch_off(automation=automation, actor=None)
    place(school, at=NOON + timedelta(hours=1))
    with clock.at(NOON + timedelta(hours=3)), school_scope(school):
        switch_on(automation=automation, actor=None)
    place(school, at=NOON + timedelta(hours=3, minutes=1))
    assert count_at(school, NOON + timedelta(hours=5)) == 1


def change(automation, at, trigger, **settings):
    with clock.at(at), school_scope(automation.school_id):
        set_trigger(version=draft_of(automation), trigger=trigger, settings=settings, actor=None)
        apply_changes(automation=automation, actor=None)


def test_a_change_of_the_hours_leaves_no_gap_and_no_second_look(school):
    automation = listening(school, "order.unpaid", offer="", hours=2)
    place(school, at=NOON + SECOND)
    change(automation, NOON + timedelta(minutes=30), "order.unpaid", offer="", hours=1)
    assert len(looks(school)) == 1
    assert count_at(school, NOON + timedelta(hours=2)) == 1
    assert len(looks(school)) == 1


def test_a_change_to_a_trigger_of_the_clock_begins_to_look(school):
    automation = listening(school, "contact.created")
    assert looks(school) == []
    change(automation, NOON + timedelta(hours=1), "order.unpaid", offer="", hours=1)
    place(school, at=NOON + timedelta(hours=1, seconds=1))
    assert count_at(school, NOON + timedelta(hours=3)) == 1
    change(automation, NOON + timedelta(hours=4), "contact.created")
    count_at(school, NOON + timedelta(hours=9))
    assert looks(school) == []
