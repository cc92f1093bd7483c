"""Steps about the contact: lists, tags, access; each once, however often it is told."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from automations.errors import NotReady
from automations.services.runs import start_for
from contacts.models import ContactList, ContactListMember, ContactTag
from contacts.services.lists import add_members, create_list
from courses.models import Access
from kwiga import clock
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory
from tests.factories.contacts import ContactFactory
from tests.factories.courses import CourseFactory, give_access
from tests.support.automations import runs

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])

KYIV = ZoneInfo("Europe/Kyiv")
NOON = datetime(2027, 3, 20, 12, 0, tzinfo=KYIV).astimezone(UTC)


def done(school, *steps, contact=None):
    """The team starts the steps for a contact."""
    contact = contact or ContactFactory(school=school)
    with clock.at(NOON):
        automation = AutomationFactory(school=school, trigger="contact.by_hand", steps=steps)
        with school_scope(school):
            start_for(automation=automation, contacts=[contact], actor=None)
        drain()
    assert runs(school) == [("done", "")]
    return contact


def test_into_a_list_and_out_of_another(school):
    with school_scope(school):
        into, out_of = (create_list(name=name, actor=None) for name in ("A", "B"))
        contact = ContactFactory(school=school)
        add_members(contact_list=out_of, contacts=[contact], actor=None)
    steps = (("list_add", {"list": into.token}), ("list_remove", {"list": out_of.token}))
    done(school, *steps, ("list_add", {"list": into.token}), contact=contact)
    with school_scope(school):
        assert list(ContactListMember.objects.values_list("contact_list", flat=True)) == [into.pk]


def test_tags_on_and_off(school):
    contact = done(
        school, ("tag", {"tag": "VIP"}), ("tag", {"tag": "vip"}), ("tag", {"tag": "b"}), ("untag", {"tag": "B"})
    )
    with school_scope(school):
        assert list(ContactTag.objects.filter(contact=contact).values_list("tag__name", flat=True)) == ["VIP"]


def windows(school):
    with school_scope(school):
        return list(Access.objects.order_by("id").values_list("starts_at", "ends_at"))


@pytest.mark.parametrize("days", [14, None])
def test_access_is_opened_for_days_of_the_calendar_or_for_ever(school, days):
    course = CourseFactory(school=school)
    done(school, ("access", {"course": course.token, "days": days}))
    ends = datetime(2027, 4, 3, 12, 0, tzinfo=KYIV) if days else None  # the clocks went ahead in between
    assert windows(school) == [(NOON, ends)]


def test_days_are_added_to_access_that_is_open(school, contact):
    course = CourseFactory(school=school)
    with clock.at(NOON):
        give_access(contact, course, ends_at=NOON + timedelta(days=3))
    done(school, ("access", {"course": course.token, "days": 7}), contact=contact)
    ends = datetime(2027, 3, 30, 12, 0, tzinfo=KYIV)
    assert windows(school) == [(NOON, ends)]


def test_access_that_never_ends_stays_as_it_is(school, contact):
    course = CourseFactory(school=school)
    with clock.at(NOON):
        give_access(contact, course)
    done(school, ("access", {"course": course.token, "days": 7}), contact=contact)
    assert windows(school) == [(NOON, None)]


@pytest.mark.parametrize(
    "step",
    [
        ("wait", {}),
        ("wait", {"days": -1}),
        ("wait", {"days": 5000}),
        ("condition", {"conditions": None, "order": ""}),
        ("condition", {"conditions": {"match": "none", "parts": []}, "order": ""}),
        ("coupon", {"size": "percent", "percent_bp": 0}),
        ("coupon", {"size": "fixed", "amount_minor": 100, "currency": ""}),
        ("coupon", {"size": "percent", "percent_bp": 1000, "offers": "chosen", "offer_tokens": []}),
        ("coupon", {"size": "percent", "percent_bp": 1000, "offers": "chosen", "offer_tokens": ["gone"]}),
        ("coupon", {"size": "percent", "percent_bp": 1000, "valid": "until", "valid_until": "2020-01-01"}),
        ("coupon", {"size": "percent", "percent_bp": 1000, "valid": "until", "valid_until": "some day"}),
        ("mail", {"texts": {}}),
        ("mail", {"texts": {"en": {"subject": "Only a subject", "body": " "}}}),
        ("mail", {"texts": {"en": {"subject": "A", "body": "{{ coupon.code }}"}}}),
        ("mail", {"texts": {"en": {"subject": "A", "body": "{{ settings.SECRET_KEY }}"}}}),
        ("list_add", {"list": ""}),
        ("list_remove", {"list": "gone"}),
        ("tag", {"tag": " "}),
        ("access", {"course": "gone", "days": 7}),
    ],
)
def test_a_step_that_could_not_be_done_keeps_it_from_being_switched_on(school, step):
    with pytest.raises(NotReady) as refused:
        AutomationFactory(school=school, steps=(("tag", {"tag": "a"}), step))
    assert {problem.step_position for problem in refused.value.problems} == {1}


def test_nobody_is_put_in_a_dynamic_list(school):
    with school_scope(school):
        everybody = {"match": "all", "parts": [{"fact": "language", "op": "is", "value": "uk"}]}
        dynamic = ContactList.objects.create(school=school, name="All", conditions=everybody)
    with pytest.raises(NotReady):
        AutomationFactory(school=school, steps=(("list_add", {"list": dynamic.token}),))
    with pytest.raises(NotReady):
        AutomationFactory(school=school, trigger="list.joined", trigger_settings={"list": dynamic.token})


@pytest.mark.spec("P7.3: an order's words in a mail about a registration are warned of")
def test_words_of_an_order_are_refused_where_no_order_is(school):
    said = ("mail", {"texts": {"en": {"subject": "A", "body": "{{ order.number }}"}}})
    with pytest.raises(NotReady) as refused:
        AutomationFactory(school=school, steps=(said,))
    assert "order.number" in refused.value.problems[0].sentence
    AutomationFactory(school=school, trigger="order.paid", trigger_settings={"offer": ""}, steps=(said,))
