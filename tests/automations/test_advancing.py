"""A run goes on step by step: waits, conditions, ends, and what becomes of a step that cannot be done."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from automations.engine.starting import start_runs
from automations.errors import RunRefused
from automations.models import Automation, Run, Step
from automations.services.runs import retry_run, start_for, stop_run
from automations.services.switching import apply_changes, archive_automation, switch_off, switch_on
from automations.services.writing import change_step, delete_step, draft_of
from contacts.models import Contact
from contacts.services.lists import create_list, delete_list
from kwiga import clock
from schools.journal import record_event
from schools.models import Event
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory, mail, percent_coupon, wait
from tests.factories.contacts import ContactFactory
from tests.support.automations import coupons, mails, only_run, runs, steps
from tests.support.outbox import rows

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


# --- Waiting ---


@pytest.mark.parametrize(
    ("since", "how_long", "until"),
    [
        # Clocks go ahead in the night to 28 March 2027, and back in the night to 31 October 2027.
        (kyiv(2027, 3, 27, 10, 0), {"days": 1}, kyiv(2027, 3, 28, 10, 0)),
        (kyiv(2027, 3, 27, 10, 0), {"hours": 24}, kyiv(2027, 3, 28, 11, 0)),
        (kyiv(2027, 3, 27, 3, 30), {"days": 1}, kyiv(2027, 3, 28, 4, 30)),  # 3:30 does not exist that night
        (kyiv(2027, 10, 30, 10, 0), {"days": 1}, kyiv(2027, 10, 31, 10, 0)),
        (kyiv(2027, 10, 30, 10, 0), {"hours": 24}, kyiv(2027, 10, 31, 9, 0)),
        (kyiv(2027, 10, 30, 3, 30), {"days": 1}, kyiv(2027, 10, 31, 3, 30)),  # the first of two
        (kyiv(2028, 1, 31, 10, 0), {"days": 30}, kyiv(2028, 3, 1, 10, 0)),  # over 29 February
        (kyiv(2027, 2, 28, 23, 59), {"minutes": 2}, kyiv(2027, 3, 1, 0, 1)),
        (kyiv(2027, 12, 31, 12, 0), {"days": 1, "hours": 1, "minutes": 1}, kyiv(2028, 1, 1, 13, 1)),
    ],
)
def test_a_wait_ends_by_the_calendar_of_the_school(school, since, how_long, until):
    begin(school, wait(**how_long), when=since)
    assert only_run(school).due_at == until
    at(until - SECOND)
    assert runs(school) == [("waiting", "")]
    at(until)
    assert runs(school) == [("done", "")]


def test_waits_in_a_chain_count_from_each_other(school):
    begin(school, wait(days=1), ("tag", {"tag": "one"}), wait(days=1), ("tag", {"tag": "two"}))
    at(NOON + timedelta(days=1))
    assert steps(school) == [(0, "done", ""), (1, "done", ""), (2, "waiting", "")]
    at(NOON + timedelta(days=2))
    assert [state for _position, state, _reason in steps(school)] == ["done"] * 4


@pytest.mark.spec("P1.3: off during a wait, nothing is sent")
@pytest.mark.parametrize("end", [switch_off, archive_automation])
def test_switching_off_stops_what_waits(school, end):
    automation = begin(school, wait(days=1), mail())
    with clock.at(NOON + timedelta(hours=1)), school_scope(school):
        end(automation=automation, actor=None)
    at(NOON + timedelta(days=2))
    assert runs(school) == [("stopped", "switched_off")]
    assert steps(school) == [(0, "skipped", "switched_off")]
    assert mails(school) == []


def test_switched_on_again_what_was_stopped_stays_so(school):
    automation = begin(school, wait(days=1), mail())
    with clock.at(NOON + timedelta(hours=1)), school_scope(school):
        switch_off(automation=automation, actor=None)
        switch_on(automation=automation, actor=None)
    at(NOON + timedelta(days=2))
    assert runs(school) == [("stopped", "switched_off")]


def test_a_run_that_was_on_its_way_when_it_was_switched_off_does_nothing(school):
    """Its row was read already: the run itself looks again."""
    with clock.at(NOON):
        automation = AutomationFactory(school=school, steps=(percent_coupon(),))
        ContactFactory(school=school)
        with school_scope(school):
            start_runs(Event.objects.get(kind="contact.created"))
            Automation.objects.filter(pk=automation.pk).update(state="off")
        drain()
    assert runs(school) == [("stopped", "switched_off")]
    assert coupons(school) == []


def test_changes_apply_to_later_runs_only(school):
    automation = begin(school, wait(days=1), ("tag", {"tag": "old"}))
    with clock.at(NOON + timedelta(hours=1)), school_scope(school):
        draft = draft_of(automation)
        change_step(step=draft.steps.get(position=1), settings={"tag": "new"}, actor=None)
        delete_step(step=draft.steps.get(position=0), actor=None)
        apply_changes(automation=automation, actor=None)
    with clock.at(NOON + timedelta(hours=2)):
        fresh = ContactFactory(school=school)
        drain()
    at(NOON + timedelta(days=1))
    with school_scope(school):
        tags = dict(Contact.objects.values_list("pk", "contact_tags__tag__name"))
    assert tags == {only_of(school): "old", fresh.pk: "new"}


def only_of(school):
    with school_scope(school):
        return Contact.objects.get(email="olena@example.test").pk


def test_an_erased_contact_is_written_no_more(school):
    begin(school, wait(days=1), mail())
    with clock.at(NOON + timedelta(hours=1)), school_scope(school):
        contact = Contact.objects.get()
        Contact.objects.update(erased_at=clock.now())
        record_event("contact.erased", subject=contact)
    at(NOON + timedelta(hours=2))
    assert runs(school) == [("stopped", "erased")]


# --- What cannot be done ---


def test_a_step_that_is_refused_ends_the_run_with_its_reason(school, owner):
    with school_scope(school):
        chosen = create_list(name="Gone", actor=None)
    automation = begin(school, wait(days=1), ("list_add", {"list": chosen.token}), mail())
    with school_scope(school):
        Automation.objects.update(state="off")  # only so that the list can be deleted
        delete_list(contact_list=chosen, actor=None)
        Automation.objects.update(state="on")
    at(NOON + timedelta(days=1))
    assert runs(school) == [("failed", "object_gone")]
    assert steps(school)[1:] == [(1, "failed", "object_gone")]
    with clock.at(NOON + timedelta(days=2)), school_scope(school):
        again = create_list(name="Gone", actor=None)
        Step.objects.filter(version__automation=automation, kind="list_add").update(settings={"list": again.token})
        retry_run(run=Run.objects.get(), actor=owner)
    at(NOON + timedelta(days=2))
    assert runs(school) == [("done", "")]
    assert steps(school) == [(0, "done", ""), (1, "done", ""), (2, "done", "")]
    assert len(mails(school)) == 1


def test_a_mistake_of_the_product_is_tried_again_and_breaks_the_run_at_last(school, owner):
    begin(school, percent_coupon(), wait(days=1), ("wait", {"days": 1}), mail())
    with school_scope(school):
        Step.objects.filter(position=2).update(settings={"days": "many"})
    instant = NOON + timedelta(days=1)
    for _attempt in range(5):
        at(instant)
        (row,) = rows(school, kind="automation.run", payload__position=1)
        instant = row.available_at + timedelta(minutes=10)
        if row.attempts < 5:
            assert runs(school) == [("waiting", "")]
    assert runs(school) == [("failed", "broken")]
    assert row.done_at is not None
    with school_scope(school):
        Step.objects.filter(position=2).update(settings={"days": 1})
    with clock.at(instant), school_scope(school):
        retry_run(run=Run.objects.get(), actor=owner)
    at(instant)
    # The first wait is over: only the second one begins.
    at(instant + timedelta(days=1))
    assert runs(school) == [("done", "")]
    assert len(coupons(school)) == 1
    assert len(mails(school)) == 1


def test_what_a_broken_stretch_did_before_its_mistake_is_given_up_with_it(school):
    begin(school, percent_coupon(), mail(), ("wait", {"days": 1}), is_on=False)
    with school_scope(school):
        Step.objects.filter(position=2).update(settings={"days": "many"})
        Automation.objects.update(state="on", switched_on_at=NOON)
        automation = Automation.objects.get()
        automation.versions.update(published_at=NOON, is_live=True)
    with clock.at(NOON + SECOND):
        ContactFactory(school=school)
        drain()
    assert steps(school) == []
    assert coupons(school) == mails(school) == []


def test_a_step_of_a_kind_that_nobody_knows(school):
    begin(school, wait(days=1), ("stop", {}))
    with school_scope(school):
        Step.objects.filter(position=1).update(kind="unheard of")
    at(NOON + timedelta(days=1))
    assert runs(school) == [("failed", "unknown_step")]


# --- By hand ---


def test_the_team_stops_a_run_that_waits(school, owner):
    begin(school, wait(days=1), mail())
    with school_scope(school):
        stop_run(run=Run.objects.get(), actor=owner)
        with pytest.raises(RunRefused):
            stop_run(run=Run.objects.get(), actor=owner)
    at(NOON + timedelta(days=2))
    assert runs(school) == [("stopped", "by_hand")]
    assert mails(school) == []


def test_only_what_failed_is_tried_again(school, owner):
    begin(school, wait(days=1), mail())
    with school_scope(school), pytest.raises(RunRefused):
        retry_run(run=Run.objects.get(), actor=owner)


def test_a_run_that_another_has_overtaken_is_not_tried_again(school, owner):
    automation = begin(school, ("tag", {"tag": "x" * 99}), wait(days=1), trigger="contact.by_hand")
    for tag in ("x" * 99, "short"):
        with clock.at(NOON + timedelta(hours=1)), school_scope(school):
            Step.objects.filter(kind="tag").update(settings={"tag": tag})
            start_for(automation=automation, contacts=[Contact.objects.get()], actor=owner)
        at(NOON + timedelta(hours=1))
    assert runs(school) == [("failed", "refused"), ("waiting", "")]
    with school_scope(school), pytest.raises(RunRefused):
        retry_run(run=Run.objects.get(state="failed"), actor=owner)
