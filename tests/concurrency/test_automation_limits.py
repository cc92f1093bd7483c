"""Limits of automations under several drainers at once: counted one after the other, and by nobody twice."""

import pytest

from automations.engine import starting
from automations.engine.starting import start_runs
from automations.services.switching import switch_off
from contacts.mailing import limits
from contacts.mailing.news import queue_news
from contacts.models import SentMail
from kwiga import clock
from schools.models import Event, School
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory, percent_coupon, wait
from tests.factories.contacts import ContactFactory
from tests.support.automations import coupons, runs
from tests.support.order_races import in_school, meet_at
from tests.support.races import race

pytestmark = [pytest.mark.prove, pytest.mark.django_db(transaction=True, databases=["default", "relay", "ops"])]

RACERS = 6


def told(school):
    """The events of new contacts, each to be told by a racer of its own."""
    with school_scope(school):
        return [in_school(school, start_runs, event=event) for event in Event.objects.filter(kind="contact.created")]


def again(school, contact):
    """The same happened to one contact several times."""
    with school_scope(school):
        events = [
            Event.objects.create(school_id=school.pk, kind="contact.created", subject_id=contact.pk)
            for _number in range(RACERS)
        ]
    return [in_school(school, start_runs, event=event) for event in events]


@pytest.mark.spec("C33.4: a cap holds under several drainers")
def test_the_cap_of_runs_holds(school, monkeypatch):
    AutomationFactory(school=school, max_runs=2, steps=(percent_coupon(),))
    for _number in range(RACERS):
        ContactFactory(school=school)
    meet_at(monkeypatch, starting, "_unheard", RACERS)
    race(*told(school))
    monkeypatch.undo()
    drain()
    assert len(coupons(school)) == 2
    assert runs(school).count(("failed", "max_runs")) == RACERS - 2


def test_without_the_lock_the_cap_is_passed(school, monkeypatch):
    """The negative control."""
    AutomationFactory(school=school, max_runs=2, steps=(percent_coupon(),))
    for _number in range(RACERS):
        ContactFactory(school=school)
    monkeypatch.setattr(starting, "_lock_where_counted", lambda automation: automation)
    meet_at(monkeypatch, starting, "_run_of", RACERS)
    race(*told(school))
    assert runs(school).count(("waiting", "")) > 2


def test_once_per_contact_holds(school, contact, monkeypatch):
    AutomationFactory(school=school, repeat="once", steps=(percent_coupon(),))
    meet_at(monkeypatch, starting, "_unheard", RACERS)
    race(*again(school, contact))
    monkeypatch.undo()
    drain()
    assert len(coupons(school)) == 1
    # Who came while it was under way is told so, who came later that it was had.
    assert len(runs(school)) == RACERS


def test_one_live_run_however_many_come_at_once(school, contact, monkeypatch):
    AutomationFactory(school=school, steps=(wait(days=1), percent_coupon()))
    meet_at(monkeypatch, starting, "_run_of", RACERS)
    race(*again(school, contact))
    assert sorted(runs(school)) == [("stopped", "under_way")] * (RACERS - 1) + [("waiting", "")]


def test_switched_off_while_many_run_nothing_is_left_waiting(school):
    automation = AutomationFactory(school=school, steps=(percent_coupon(), wait(days=1)))
    for _number in range(RACERS):
        ContactFactory(school=school)
    race(drain, drain, in_school(school, switch_off, automation=automation, actor=None), drain)
    drain()
    assert {state for state, _reason in runs(school)} <= {"stopped"}


def news_to_many(school):
    """News for as many contacts as there are racers, in a school that may send two a day."""
    School.objects.filter(pk=school.pk).update(news_a_day=2)
    said = {"subject": "News", "body": "News", "at": clock.now()}
    people = [ContactFactory(school=school) for _number in range(RACERS)]
    return [in_school(school, queue_news, contact=each, dedupe_key=f"news:{each.pk}", **said) for each in people]


def sent(school):
    with school_scope(school):
        return SentMail.objects.count()


@pytest.mark.spec("D3: the limit of a school's news holds under several workers")
def test_the_schools_limit_of_news_holds(school, monkeypatch):
    tries = news_to_many(school)
    meet_at(monkeypatch, limits, "_limit_reached", RACERS)
    verdicts = race(*tries)
    assert sorted(verdict.state for verdict in verdicts) == ["later"] * (RACERS - 2) + ["queued"] * 2
    assert sent(school) == 2


def test_without_counting_one_after_the_other_it_is_passed(school, monkeypatch):
    """The negative control."""
    tries = news_to_many(school)
    monkeypatch.setattr(limits, "_one_at_a_time", lambda school: None)
    meet_at(monkeypatch, limits, "_limit_reached", RACERS)
    race(*tries)
    assert sent(school) > 2
