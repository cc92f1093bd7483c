"""The rules of automations: silent on what the engine makes, loud about each kind of damage."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from automations.engine import stopping
from automations.models import Automation, Run, RunStep
from automations.services.runs import stop_run
from automations.services.switching import switch_off
from contacts.models import Contact
from contacts.services.consent import unsubscribe
from coupons.models import Coupon
from kwiga import clock
from schools.invariants import check_invariants, find_invariants
from schools.models import Event, OutboxRow, School
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory, mail, percent_coupon, wait
from tests.factories.contacts import ContactFactory
from tests.factories.orders import PlacedOrderFactory
from tests.support.automations import only_run

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "ops", "relay"])

NOON = datetime(2027, 2, 10, 12, 0, tzinfo=ZoneInfo("Europe/Kyiv")).astimezone(UTC)


def broken() -> dict[str, list[tuple[Any, ...]]]:
    return {finding.invariant.name: finding.rows for finding in check_invariants() if finding.rows}


def test_what_the_engine_makes_breaks_no_rule(school: School) -> None:
    """Every end of a run, every kind of wait, and refusals of each kind."""
    with clock.at(NOON):
        waits = AutomationFactory(school=school, steps=(percent_coupon(), wait(days=1), mail(), ("stop", {})))
        AutomationFactory(school=school, max_runs=1, steps=(percent_coupon(starts_after_days=1),))
        AutomationFactory(school=school, trigger="order.unpaid", trigger_settings={"offer": "", "hours": 1})
        AutomationFactory(school=school, steps=(("tag", {"tag": "x"}), percent_coupon(offers="event"), mail()))
        people = [ContactFactory(school=school) for _number in range(4)]
        drain()
        PlacedOrderFactory(school=school)
        with school_scope(school):
            stop_run(run=Run.objects.filter(automation=waits, state="waiting").order_by("id")[0], actor=None)
            unsubscribe(contact=Contact.objects.get(pk=people[1].pk))
    for hours in (2, 24, 48):
        assert broken() == {}
        with clock.at(NOON + timedelta(hours=hours)):
            drain()
    with clock.at(NOON + timedelta(days=3)), school_scope(school):
        ContactFactory(school=school)
        switch_off(automation=waits, actor=None)
    with clock.at(NOON + timedelta(days=3)):
        drain()
    assert broken() == {}


def test_runs_that_are_about_to_be_stopped_break_no_rule(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "PIECE", 1)
    automation = AutomationFactory(school=school, steps=(wait(days=1), mail()))
    for _number in range(3):
        ContactFactory(school=school)
    drain()
    with school_scope(school):
        switch_off(automation=automation, actor=None)
        assert Run.objects.filter(state="waiting").count() == 2
    assert broken() == {}
    drain()
    assert broken() == {}
    with school_scope(school):
        assert not Run.objects.filter(state="waiting").exists()


# --- Damage, and who finds it ---


def a_run(school: School, *steps: Any) -> Run:
    AutomationFactory(school=school, steps=steps or (percent_coupon(), wait(days=1), mail()))
    ContactFactory(school=school)
    drain()
    return only_run(school)


def older_than_its_event(run: Run) -> list[tuple[Any, ...]]:
    Run.objects.update(started_at=run.started_at - timedelta(days=1))
    return [(run.school_id, run.pk)]


def not_let_in_and_yet_done(run: Run) -> list[tuple[Any, ...]]:
    Run.objects.update(state="failed", reason="once", finished_at=clock.now())
    RunStep.objects.filter(state="waiting").delete()
    return [(run.school_id, run.pk)]


def a_step_left_out(run: Run) -> list[tuple[Any, ...]]:
    RunStep.objects.filter(position=0).delete()
    return [(run.school_id, run.pk, 1)]


def a_step_ahead_of_its_run(run: Run) -> list[tuple[Any, ...]]:
    RunStep.objects.create(school_id=run.school_id, run=run, position=2, kind="mail", state="done")
    return [(run.school_id, run.pk, 2)]


def done_and_to_be_done_again(run: Run) -> list[tuple[Any, ...]]:
    RunStep.objects.filter(position=1).update(state="done")
    return [(run.school_id, run.pk, 1)]


def a_wait_of_a_run_that_is_over(run: Run) -> list[tuple[Any, ...]]:
    Run.objects.update(state="stopped", finished_at=clock.now())
    return [(run.school_id, run.pk, 1)]


def one_coupon_of_two_steps(run: Run) -> list[tuple[Any, ...]]:
    first = RunStep.objects.get(position=0)
    RunStep.objects.filter(position=1).update(coupon=first.coupon)
    second = RunStep.objects.get(position=1)
    return [(run.school_id, second.pk), (run.school_id, first.pk)]


def a_coupon_of_somebody_else(run: Run) -> list[tuple[Any, ...]]:
    Coupon.objects.update(contact=ContactFactory(school=School.objects.get(pk=run.school_id)))
    return [(run.school_id, RunStep.objects.get(position=0).pk)]


def a_reward_nobody_told(run: Run) -> list[tuple[Any, ...]]:
    Event.objects.filter(kind="coupon.rewarded").update(kind="coupon.forgotten")
    return [(run.school_id, RunStep.objects.get(position=0).pk)]


def a_step_that_lost_its_coupon(run: Run) -> list[tuple[Any, ...]]:
    RunStep.objects.filter(position=0).update(coupon=None)
    return [(run.school_id, RunStep.objects.get(position=0).pk)]


def nobody_carries_it_on(run: Run) -> list[tuple[Any, ...]]:
    OutboxRow.objects.filter(kind="automation.run", done_at=None).delete()
    return [(run.school_id, run.pk, "run")]


def carried_on_at_another_step(run: Run) -> list[tuple[Any, ...]]:
    for row in OutboxRow.objects.filter(kind="automation.run", done_at=None):
        row.payload = row.payload | {"position": 7}
        row.save()
    return [(run.school_id, run.pk, "run")]


def nobody_looks_at_the_clock(run: Run) -> list[tuple[Any, ...]]:
    school = School.objects.get(pk=run.school_id)
    automation = AutomationFactory(school=school, trigger="contact.inactive", trigger_settings={"days": 30})
    OutboxRow.objects.filter(kind="automation.sweep").delete()
    return [(run.school_id, automation.pk, "automation")]


def of_an_automation_that_is_off(run: Run) -> list[tuple[Any, ...]]:
    Automation.objects.update(state="off")
    return [(run.school_id, run.pk)]


def of_an_automation_that_was_put_away(run: Run) -> list[tuple[Any, ...]]:
    Automation.objects.update(state="archived")
    return [(run.school_id, run.pk)]


def for_somebody_erased(run: Run) -> list[tuple[Any, ...]]:
    Contact.objects.update(erased_at=clock.now())
    return [(run.school_id, run.pk)]


def a_mail_nobody_queued(run: Run) -> list[tuple[Any, ...]]:
    RunStep.objects.filter(position=0).update(kind="mail", coupon=None)
    return [(run.school_id, RunStep.objects.get(position=0).pk)]


DAMAGE = [
    ("run_has_its_event", older_than_its_event),
    ("run_has_its_event", not_let_in_and_yet_done),
    ("step_is_done_once", a_step_left_out),
    ("step_is_done_once", a_step_ahead_of_its_run),
    ("step_is_done_once", done_and_to_be_done_again),
    ("step_is_done_once", a_wait_of_a_run_that_is_over),
    ("rewarded_coupon_exists_once", one_coupon_of_two_steps),
    ("rewarded_coupon_exists_once", a_coupon_of_somebody_else),
    ("rewarded_coupon_exists_once", a_reward_nobody_told),
    ("rewarded_coupon_exists_once", a_step_that_lost_its_coupon),
    ("waiting_run_goes_on", nobody_carries_it_on),
    ("waiting_run_goes_on", carried_on_at_another_step),
    ("waiting_run_goes_on", nobody_looks_at_the_clock),
    ("run_under_way_is_wanted", of_an_automation_that_is_off),
    ("run_under_way_is_wanted", of_an_automation_that_was_put_away),
    ("run_under_way_is_wanted", for_somebody_erased),
    ("mail_step_has_its_mail", a_mail_nobody_queued),
]


@pytest.mark.parametrize(("rule", "damage"), DAMAGE)
def test_damage_is_found(school: School, rule: str, damage: Callable[[Run], list[tuple[Any, ...]]]) -> None:
    run = a_run(school)
    assert broken() == {}
    with school_scope(school):
        expected = damage(run)
    assert sorted(broken()[rule]) == sorted(expected)


def test_every_rule_of_automations_has_a_control_here() -> None:
    assert {rule for rule, _damage in DAMAGE} >= {rule.name for rule in find_invariants() if rule.app == "automations"}
