"""The engine goes on when something around it breaks: clocks, processes, rows that are given up, very many runs."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from automations.engine import stopping, sweeping
from automations.models import Run
from automations.services.runs import retry_run
from automations.services.switching import switch_off, switch_on
from contacts.services.merging import merge_contacts
from kwiga import clock
from schools.models import OutboxRow
from schools.outbox import claims
from schools.outbox.drain import drain, work
from schools.tenancy.scope import school_scope
from tests.automations.test_triggers_clock import born, count_at, listening, looks, morning, place
from tests.factories.automations import AutomationFactory, percent_coupon, wait
from tests.factories.contacts import ContactFactory
from tests.support.automations import coupons, runs, steps
from tests.support.outbox import rows

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])

KYIV = ZoneInfo("Europe/Kyiv")
NOON = datetime(2027, 2, 10, 12, 0, tzinfo=KYIV)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def begin(school, *said, people=1):
    with clock.at(NOON):
        automation = AutomationFactory(school=school, steps=said)
        for _number in range(people):
            ContactFactory(school=school)
        drain()
    return automation


def at(instant):
    with clock.at(instant):
        drain()


def test_a_clock_that_is_set_back_loses_no_run(school):
    begin(school, wait(days=1), percent_coupon())
    with clock.at(NOON + DAY):
        (claim,) = claims.claim_due()
    with clock.at(NOON + DAY - 10 * MINUTE):
        work(claim)
    assert coupons(school) == []
    at(NOON + DAY + MINUTE)
    assert runs(school) == [("done", "")]
    assert len(coupons(school)) == 1


def test_a_run_that_ends_each_process_fails_where_the_team_sees_it(school, owner):
    begin(school, wait(days=1), percent_coupon())
    used_up(school, "automation.run")
    at(NOON + DAY)
    assert runs(school) == [("failed", "broken")]
    assert steps(school) == [(0, "failed", "broken")]
    with clock.at(NOON + DAY), school_scope(school):
        retry_run(run=Run.objects.get(), actor=owner)
    at(NOON + DAY)
    at(NOON + 2 * DAY)
    assert runs(school) == [("done", "")]
    assert len(coupons(school)) == 1


def test_a_look_that_was_given_up_is_seen_and_taken_again_without_a_gap(school):
    listening(school, "order.unpaid", offer="", hours=1)
    place(school, at=NOON + MINUTE)
    used_up(school, sweeping.KIND)
    assert count_at(school, NOON + HOUR) == 0
    assert len(rows(school, kind=sweeping.KIND, dead_at__isnull=False)) == 1
    place(school, at=NOON + 90 * MINUTE)
    assert count_at(school, NOON + 3 * HOUR) == 2
    assert len(looks(school)) == 1


def test_a_birthday_told_in_the_new_year_comes_again_in_it(school, contact):
    field = born(school, contact, date(1990, 12, 31))
    listening(school, "field.date", field=field.token, days_before=0)
    assert count_at(school, datetime(2028, 1, 1, 0, 10, tzinfo=KYIV)) == 1
    assert count_at(school, morning(date(2028, 12, 31))) == 2


def test_of_very_many_runs_some_stop_at_once_and_the_others_soon(school, monkeypatch):
    monkeypatch.setattr(stopping, "PIECE", 2)
    automation = begin(school, wait(days=1), percent_coupon(), people=5)
    with clock.at(NOON + HOUR), school_scope(school):
        switch_off(automation=automation, actor=None)
    assert runs(school).count(("stopped", "switched_off")) == 2
    at(NOON + HOUR)
    assert runs(school) == [("stopped", "switched_off")] * 5
    assert rows(school, kind=stopping.KIND, done_at=None) == []


def test_switched_on_again_at_once_it_takes_up_none_of_them(school, monkeypatch):
    monkeypatch.setattr(stopping, "PIECE", 2)
    automation = begin(school, wait(days=1), percent_coupon(), people=5)
    with clock.at(NOON + HOUR), school_scope(school):
        switch_off(automation=automation, actor=None)
        switch_on(automation=automation, actor=None)
    with clock.at(NOON + 2 * HOUR):
        ContactFactory(school=school)
        drain()
    at(NOON + 2 * DAY)
    assert runs(school) == [("stopped", "switched_off")] * 5 + [("done", "")]
    assert len(coupons(school)) == 1


def test_coupons_that_bring_each_other_about_by_their_start_are_cut(school):
    with clock.at(NOON):
        said = {"trigger": "coupon.activated", "steps": (percent_coupon(starts_after_days=1),)}
        AutomationFactory(school=school, **said)
        AutomationFactory(school=school, steps=(percent_coupon(starts_after_days=1),))
        ContactFactory(school=school)
        drain()
    for days in range(1, 10):
        at(NOON + days * DAY)
    assert runs(school) == [("done", "")] * 5 + [("failed", "loop")]
    assert len(coupons(school)) == 5


def test_coupons_that_bring_each_other_about_by_their_end_are_cut(school):
    with clock.at(NOON):
        said = {"trigger": "coupon.ending", "trigger_settings": {"days": 1}}
        AutomationFactory(school=school, steps=(percent_coupon(valid_days=2),), **said)
        AutomationFactory(school=school, steps=(percent_coupon(valid_days=2),))
        ContactFactory(school=school)
        drain()
    for days in range(1, 10):
        at(NOON + days * DAY)
    assert runs(school) == [("done", "")] * 5 + [("failed", "loop")]


def test_a_coupon_that_starts_after_a_merge_is_told_about_who_stayed(school):
    into = ContactFactory(school=school)
    with clock.at(NOON):
        said = {"trigger": "coupon.activated", "steps": (("tag", {"tag": "told"}),)}
        told = AutomationFactory(school=school, **said)
        AutomationFactory(school=school, steps=(percent_coupon(starts_after_days=1),))
        other = ContactFactory(school=school)
        drain()
        with school_scope(school):
            merge_contacts(into=into, other=other, actor=None)
    at(NOON + DAY)
    with school_scope(school):
        assert [run.contact_id for run in Run.objects.filter(automation=told)] == [into.pk]


def used_up(school, kind):
    """All attempts of the rows that wait have ended with their process."""
    with school_scope(school):
        assert OutboxRow.objects.filter(kind=kind, done_at=None).update(attempts=claims.ATTEMPTS) == 1
