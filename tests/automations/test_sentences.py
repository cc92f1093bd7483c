"""What automations do, in plain sentences with the names of things; and what they did, counted."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from automations.actions import known_kinds
from automations.models import AutomationVersion, IncomingHook, Run, Step
from automations.reasons import _SENTENCES, sentence_for
from automations.selectors import funnel_of, rehearse, runs_of
from automations.sentences import step_sentence, trigger_sentence
from automations.services.switching import problems_of
from automations.settings_fields import FieldKind
from automations.triggers import all_triggers
from contacts.models import Contact, ContactField, Tag
from contacts.services.lists import create_list
from kwiga import clock
from schools.models import Event, OutboxRow
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory, mail, percent_coupon, wait
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory
from tests.factories.courses import CourseFactory, lessons_of
from tests.factories.orders import PaidOrderFactory, PlacedOrderFactory, sold_offer

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])

NOON = datetime(2027, 2, 10, 12, 0, tzinfo=ZoneInfo("Europe/Kyiv")).astimezone(UTC)


@pytest.fixture
def things(school):
    """One object of each kind that settings name, by its token."""
    course, offer = CourseFactory(school=school, title="Baking"), sold_offer(school, title="Baking, with a mentor")
    coupon = CouponFactory(school=school, code="SPRING")
    with school_scope(school):
        tag = Tag.objects.create(school=school, name="VIP", name_key="vip")
        hook = IncomingHook.objects.create(school=school, name="Bot")
        field = ContactField.objects.create(school=school, label="Birthday", kind=ContactField.Kind.DATE)
        return {
            FieldKind.COURSE: course.token,
            FieldKind.LESSON: lessons_of(course)[0].token,
            FieldKind.OFFER: offer.token,
            FieldKind.LIST: create_list(name="Friends", actor=None).token,
            FieldKind.TAG: tag.token,
            FieldKind.COUPON: coupon.token,
            FieldKind.HOOK: hook.token,
            FieldKind.FIELD: field.token,
        }


def settings_for(trigger, things):
    numbers = [field for field in trigger.fields if field.kind == FieldKind.NUMBER and field.required]
    said = {field.name: field.initial or 1 for field in numbers}
    return said | {field.name: things[field.kind] for field in trigger.fields if field.kind in things}


EXPECTED = {
    "course.progress": "When the course “Baking” is done to 100%",
    "lesson.completed": "When the lesson “Lesson 1.1” is completed",
    "order.unpaid": "When an order of the offer “Baking, with a mentor” is still unpaid after 24 hours",
    "access.ending": "7 days before access to the course “Baking” ends",
    "contact.inactive": "When a contact stays away for 30 days",
    "purchases.reached": "When a contact has paid 2 orders",
    "list.joined": "When a contact is put in the list “Friends”",
    "contact.tagged": "When a contact is tagged as “VIP”",
    "coupon.redeemed": "When the coupon “SPRING” is used",
    "coupon.released": "When the use of the coupon “SPRING” is given back",
    "field.date": "1 day before the date of “Birthday”",
    "hook.received": "When a call comes in at the address “Bot”",
}


def test_each_trigger_has_a_sentence_of_its_own_and_can_be_switched_on(school, things):
    said = {}
    with school_scope(school):
        for trigger in all_triggers():
            version = AutomationVersion(trigger=trigger.key, trigger_settings=settings_for(trigger, things))
            said[trigger.key] = trigger_sentence(version)
    assert {key: said[key] for key in EXPECTED} == EXPECTED
    assert len(set(said.values())) == len(said) == 24
    for trigger in all_triggers():
        settings = settings_for(trigger, things)
        AutomationFactory(school=school, trigger=trigger.key, trigger_settings=settings)


def test_any_and_what_was_deleted_are_said_too(school):
    with school_scope(school):
        anything = AutomationVersion(trigger="course.completed", trigger_settings={"course": ""})
        gone = AutomationVersion(trigger="course.completed", trigger_settings={"course": "gone"})
        assert trigger_sentence(anything) == "When any course is completed"
        assert trigger_sentence(gone) == "When the course (deleted) is completed"
        assert trigger_sentence(AutomationVersion(trigger="")) == ""


def test_the_sums_that_an_order_has_to_have_are_said():
    version = AutomationVersion(trigger="order.paid", trigger_settings={"offer": "", "least": 500, "most": 2000})
    assert trigger_sentence(version) == "When an order of any offer is paid, of 500 or more, of 2000 or less"


STEPS = {
    "wait": ({"days": 1, "hours": 2, "minutes": 0}, "Wait 1 day, 2 hours"),
    "stop": ({}, "Stop"),
    "tag": ({"tag": "VIP"}, "Tag as “VIP”"),
    "untag": ({"tag": "VIP"}, "Take off the tag “VIP”"),
    "coupon": (percent_coupon()[1], "Create a personal coupon of 15%, valid for 7 days"),
    "mail": (mail(subject="Your gift")[1], "Send the mail “Your gift”"),
    "condition": ({"conditions": None, "order": "unpaid"}, "Go on only if the order is still unpaid"),
}


@pytest.mark.parametrize("kind", STEPS)
def test_steps_are_plain_sentences(school, kind):
    settings, sentence = STEPS[kind]
    with school_scope(school):
        assert step_sentence(Step(kind=kind, settings=settings)) == sentence


def test_what_has_to_hold_is_one_sentence(school):
    conditions = {
        "match": "any",
        "parts": [
            {"fact": "orders_paid", "op": "at_least", "value": 2},
            {"fact": "bought", "op": "has", "value": ""},
        ],
    }
    said = "number of paid orders: at least 2 or has bought any offer"
    with school_scope(school):
        only = Step(kind="condition", settings={"conditions": conditions, "order": ""})
        both = Step(kind="condition", settings={"conditions": conditions, "order": "unpaid"})
        assert step_sentence(only) == f"Go on only if {said}"
        assert step_sentence(both) == f"Go on only if the order is still unpaid and ({said})"


def test_steps_name_their_objects(school, things):
    with school_scope(school):
        into = Step(kind="list_add", settings={"list": things[FieldKind.LIST]})
        access = Step(kind="access", settings={"course": things[FieldKind.COURSE], "days": 14})
        assert step_sentence(into) == "Add to the list “Friends”"
        assert step_sentence(access) == "Give 14 days of access to “Baking”"


def test_every_kind_of_step_can_be_chosen_and_said(school):
    assert set(known_kinds()) == set(Step.Kind.values)
    with school_scope(school), translation.override("en"):
        for kind in Step.Kind.values:
            assert step_sentence(Step(kind=kind, settings={}))


def test_every_reason_that_is_kept_can_be_read():
    for code in _SENTENCES:
        assert str(sentence_for(code)) != code


# --- Counts ---


def test_the_funnel_counts_what_became_of_each_step(school):
    condition = {"match": "all", "parts": [{"fact": "language", "op": "is", "value": "uk"}]}
    steps = (("condition", {"conditions": condition, "order": ""}), wait(days=1), mail())
    with clock.at(NOON):
        automation = AutomationFactory(school=school, steps=steps)
        for language in ("uk", "uk", "pl"):
            ContactFactory(school=school, language=language)
        drain()
    with school_scope(school):
        counts = [(each.reached, each.done, each.waiting, each.skipped) for each in funnel_of(automation)]
    assert counts == [(3, 2, 0, 1), (2, 0, 2, 0), (0, 0, 0, 0)]


def test_runs_are_found_by_state_days_and_person(school):
    with clock.at(NOON):
        automation = AutomationFactory(school=school)
        olena = ContactFactory(school=school, name="Olena Koval")
        drain()
    with clock.at(NOON + timedelta(days=2)):
        ContactFactory(school=school, name="Ivan")
        drain()
    with school_scope(school):
        assert runs_of(automation, {}).count() == 2
        assert runs_of(automation, {"state": "failed"}).count() == 0
        assert runs_of(automation, {"text": "koval"}).get().contact_id == olena.pk
        later = NOON + timedelta(days=1)
        assert runs_of(automation, {"since": later}).get().contact_id != olena.pk
        assert runs_of(automation, {"until": later}).get().contact_id == olena.pk


# --- Who would have got it ---


def state_of(school):
    with school_scope(school):
        return [table.objects.count() for table in (Event, OutboxRow, Run)]


def rehearsed(school, **facts):
    automation = AutomationFactory(school=school, is_on=False, **facts)
    with school_scope(school):
        version = automation.versions.get()
        assert problems_of(version) == []
        before = state_of(school)
        found = rehearse(version, days=30)
    assert state_of(school) == before  # nothing is written
    return found.total, {contact.email for contact in found.sample}, found.capped


def test_a_rehearsal_of_events_looks_back_thirty_days(school):
    with clock.at(clock.now() - timedelta(days=31)):
        PaidOrderFactory(school=school, email="long.ago@example.test")
    for _time in range(2):
        PaidOrderFactory(school=school, email="olena@example.test")
    PlacedOrderFactory(school=school, email="unpaid@example.test")
    facts = {"trigger": "order.paid", "trigger_settings": {"offer": ""}}
    assert rehearsed(school, **facts) == (1, {"olena@example.test"}, False)
    nobody = {"match": "all", "parts": [{"fact": "email", "op": "is", "value": "other@example.test"}]}
    assert rehearsed(school, conditions=nobody, **facts) == (0, set(), False)


def test_a_rehearsal_of_the_clock_looks_at_what_came_due(school):
    long, short, here = (
        ContactFactory(school=school, email=f"{name}@example.test") for name in ("long", "short", "here")
    )
    with school_scope(school):
        for contact, days in ((long, 90), (short, 40), (here, 2)):
            Contact.objects.filter(pk=contact.pk).update(last_seen_at=clock.now() - timedelta(days=days))
    facts = {"trigger": "contact.inactive", "trigger_settings": {"days": 30}}
    assert rehearsed(school, **facts) == (1, {"short@example.test"}, False)


def test_an_erased_contact_is_in_no_rehearsal(school):
    contact = ContactFactory(school=school)
    with school_scope(school):
        Contact.objects.filter(pk=contact.pk).update(erased_at=clock.now())
    assert rehearsed(school)[0] == 0
