"""Which events start runs, for whom, and how often: what is not let in is a line in the log with its reason."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from automations.engine import starting
from automations.engine.starting import MAX_DEPTH, start_runs
from automations.models import Automation, Run
from automations.services.runs import start_for
from automations.services.switching import switch_on
from contacts.models import Contact
from contacts.services.lists import add_members, create_list
from contacts.services.tags import tag_contacts
from kwiga import clock
from schools.models import Event
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory, percent_coupon, wait
from tests.factories.contacts import ContactFactory
from tests.factories.courses import CourseFactory, give_access
from tests.support.automations import complete, coupons, runs
from tests.support.outbox import rows

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])

KYIV = ZoneInfo("Europe/Kyiv")
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=KYIV)


def tagged(contact, *names):
    with school_scope(contact.school_id):
        for name in names:
            tag_contacts(contacts=[contact], name=name)


def events(school, kind):
    with school_scope(school):
        return list(Event.objects.filter(kind=kind).order_by("id"))


@pytest.mark.spec("P1.4: two scenarios on one event both run")
def test_two_automations_on_one_event_both_run(school):
    for _number in range(2):
        AutomationFactory(school=school, trigger="contact.created")
    ContactFactory(school=school)
    drain()
    assert runs(school) == [("done", "stop_step")] * 2


def test_an_automation_of_another_school_hears_nothing(school, other_school):
    AutomationFactory(school=other_school)
    ContactFactory(school=school)
    drain()
    assert runs(school) == runs(other_school) == []


@pytest.mark.spec("K16.4: only events after it was switched on")
def test_what_happened_before_it_was_switched_on_starts_nothing(school):
    with clock.at(NOON - timedelta(days=1)):
        ContactFactory(school=school)
    with clock.at(NOON):
        AutomationFactory(school=school)
        drain()  # the worker comes late
        assert runs(school) == []
        ContactFactory(school=school)
        drain()
    assert runs(school) == [("done", "stop_step")]


def test_a_draft_and_one_that_was_switched_off_start_nothing(school):
    AutomationFactory(school=school, is_on=False)
    off = AutomationFactory(school=school)
    with school_scope(school):
        Automation.objects.filter(pk=off.pk).update(state="off")
    ContactFactory(school=school)
    drain()
    assert runs(school) == []


@pytest.mark.spec("P1.1: a false condition, no action")
@pytest.mark.spec("P1.5: the log says the event and the decision")
def test_who_does_not_fit_is_written_down_and_gets_nothing(school):
    conditions = {"match": "all", "parts": [{"fact": "language", "op": "is", "value": "uk"}]}
    AutomationFactory(school=school, conditions=conditions, steps=(percent_coupon(), ("tag", {"tag": "given"})))
    ContactFactory(school=school, language="pl")
    ContactFactory(school=school, language="uk")
    drain()
    assert runs(school) == [("stopped", "not_fitting"), ("done", "")]
    assert len(coupons(school)) == 1


def test_conditions_about_something_deleted_fit_nobody(school):
    automation = AutomationFactory(school=school)
    with school_scope(school):
        broken = {"match": "all", "parts": [{"fact": "no such fact", "op": "is", "value": "x"}]}
        automation.versions.update(conditions=broken)
    ContactFactory(school=school)
    drain()
    assert runs(school) == [("stopped", "not_fitting")]


@pytest.mark.spec("R7")
@pytest.mark.spec("P3.3: event repeated by retry, one coupon")
def test_an_event_told_twice_starts_one_run_with_one_coupon(school):
    AutomationFactory(school=school, steps=(percent_coupon(),))
    ContactFactory(school=school)
    drain()
    (event,) = events(school, "contact.created")
    with school_scope(school):
        start_runs(event)
    drain()
    assert runs(school) == [("done", "")]
    assert len(coupons(school)) == 1


@pytest.mark.spec("C33.3: per-user limit, the second trigger is logged and not given")
def test_once_per_contact(school, contact):
    AutomationFactory(school=school, trigger="contact.tagged", repeat="once", steps=(percent_coupon(),))
    tagged(contact, "a", "b")
    drain()
    tagged(contact, "c")
    drain()
    assert runs(school) == [("done", ""), ("failed", "once"), ("failed", "once")]
    assert len(coupons(school)) == 1


def test_again_only_after_the_pause_in_days_of_the_calendar(school, contact):
    AutomationFactory(school=school, trigger="contact.tagged", repeat="pause", repeat_days=7)
    days = {"a": 0, "b": 6, "c": 7}
    for name, later in days.items():
        with clock.at(NOON + timedelta(days=later, seconds=1 if later == 7 else 0)):
            tagged(contact, name)
            drain()
    assert runs(school) == [("done", "stop_step"), ("failed", "pause"), ("done", "stop_step")]


@pytest.mark.spec("C33.4: a cap of 5 for 10, five given, five errors")
def test_at_most_so_many_runs(school):
    AutomationFactory(school=school, max_runs=5, steps=(percent_coupon(),))
    for _number in range(10):
        ContactFactory(school=school)
    drain()
    found = runs(school)
    assert found.count(("done", "")) == found.count(("failed", "max_runs")) == 5
    assert len(coupons(school)) == 5


@pytest.mark.spec("C33.1: a past list of 10, 10 rewards once")
def test_started_by_hand_for_a_list(school, owner):
    people = [ContactFactory(school=school) for _number in range(10)]
    automation = AutomationFactory(
        school=school, trigger="contact.by_hand", repeat="once", steps=(percent_coupon(),), is_on=False
    )
    with school_scope(school):
        switch_on(automation=automation, actor=owner)
        for _press in range(2):
            assert start_for(automation=Automation.objects.get(), contacts=people, actor=owner) == 10
    drain()
    assert {coupon.contact_id for coupon in coupons(school)} == {person.pk for person in people}
    assert len(coupons(school)) == 10


def test_many_contacts_of_one_event_start_in_pieces(school, monkeypatch):
    monkeypatch.setattr(starting, "PIECE", 3)
    AutomationFactory(school=school, trigger="list.joined")
    people = [ContactFactory(school=school) for _number in range(8)]
    with school_scope(school):
        add_members(contact_list=create_list(name="All", actor=None), contacts=people, actor=None)
    drain()
    with school_scope(school):
        assert set(Run.objects.values_list("contact_id", flat=True)) == {person.pk for person in people}
    assert runs(school) == [("done", "stop_step")] * 8


def test_a_rest_that_is_started_late_finds_another_trigger_and_leaves_it_alone(school, monkeypatch):
    monkeypatch.setattr(starting, "PIECE", 3)
    automation = AutomationFactory(school=school, trigger="list.joined")
    people = [ContactFactory(school=school) for _number in range(5)]
    with school_scope(school):
        add_members(contact_list=create_list(name="All", actor=None), contacts=people, actor=None)
        start_runs(Event.objects.get(kind="list.joined"))
        automation.versions.update(trigger="contact.tagged")
    drain()
    assert len(runs(school)) == 3


def test_one_live_run_for_what_it_is_about(school, contact):
    AutomationFactory(school=school, trigger="list.joined", steps=(wait(days=1),))
    with school_scope(school):
        lists = [create_list(name=name, actor=None) for name in ("A", "B")]
        for each in lists:
            add_members(contact_list=each, contacts=[contact], actor=None)
    drain()
    (first, _second) = events(school, "list.joined")
    with school_scope(school):
        again = Event.objects.create(
            school_id=school.pk, kind="list.joined", subject_id=first.subject_id, data={"contacts": [contact.pk]}
        )
        start_runs(again)
    assert runs(school) == [("waiting", ""), ("waiting", ""), ("stopped", "under_way")]


@pytest.mark.spec("K33.5: a deleted contact is skipped")
def test_an_erased_contact_starts_nothing(school, contact):
    AutomationFactory(school=school, trigger="contact.tagged")
    tagged(contact, "a")
    with school_scope(school):
        Contact.objects.filter(pk=contact.pk).update(erased_at=clock.now())
    drain()
    assert runs(school) == []


def test_automations_that_start_each_other_are_cut(school, contact):
    """Each turn takes the tag off and puts it on again, which starts the next."""
    turn = (("untag", {"tag": "loop"}), ("tag", {"tag": "loop"}))
    AutomationFactory(school=school, trigger="contact.tagged", steps=turn)
    tagged(contact, "loop")
    drain()
    with school_scope(school):
        found = list(Run.objects.order_by("id").values_list("depth", "state", "reason"))
    assert found == [
        *[(depth, "done", "") for depth in range(MAX_DEPTH)],
        (MAX_DEPTH, "failed", "loop"),
    ]


def test_what_fails_leaves_everybody_elses_work_alone_and_is_tried_again(school, contact):
    reached = {"trigger": "course.progress", "trigger_settings": {"percent": 100}}
    broken = AutomationFactory(school=school, name="Broken", **reached)
    AutomationFactory(school=school, name="Whole", **reached)
    with school_scope(school):
        broken.versions.update(trigger_settings={"percent": "many"})
    course = CourseFactory(school=school)
    give_access(contact, course)
    complete(contact, course)
    drain()
    with school_scope(school):
        assert [run.automation.name for run in Run.objects.select_related("automation")] == ["Whole"]
    left = rows(school, kind="automation.start", done_at=None, payload__automation=broken.pk)
    assert {row.attempts for row in left} == {1}
    with school_scope(school):
        broken.versions.update(trigger_settings={"percent": 100})
    with clock.at(left[0].available_at + timedelta(minutes=5)):
        drain()
    assert runs(school) == [("done", "stop_step")] * 2
