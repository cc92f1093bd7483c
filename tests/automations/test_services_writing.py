"""Automations written: versions that runs go by are never changed, drafts are."""

import pytest

from automations.errors import ActionRefused, NotByHand, NotReady, SettingsRefused, VersionPublished
from automations.models import Automation, AutomationVersion
from automations.services.runs import start_for
from automations.services.switching import (
    apply_changes,
    archive_automation,
    problems_of,
    restore,
    switch_off,
    switch_on,
)
from automations.services.writing import (
    MAX_STEPS,
    add_step,
    change_automation,
    change_step,
    copy_automation,
    create_automation,
    delete_step,
    discard_draft,
    draft_of,
    move_step,
    set_conditions,
    set_trigger,
)
from contacts.segments.language import ConditionsRefused
from schools.models import Event
from tests.factories.automations import AutomationFactory, mail, percent_coupon

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scope")]

FITTING = {"match": "all", "parts": [{"fact": "language", "op": "is", "value": "uk"}]}


def kinds(version):
    return list(version.steps.order_by("position").values_list("position", "kind"))


def told():
    return list(Event.objects.filter(kind__startswith="automation.").order_by("id").values_list("kind", flat=True))


@pytest.fixture
def draft(school, owner):
    automation = create_automation(name="  Welcome   back ", actor=owner)
    return draft_of(automation)


def test_a_new_automation_is_an_empty_draft(draft, owner):
    assert (draft.automation.name, draft.automation.state, draft.automation.created_by) == (
        "Welcome back",
        "draft",
        owner,
    )
    assert (draft.number, draft.trigger, kinds(draft)) == (1, "", [])
    assert told() == ["automation.created"]


def test_steps_are_put_in_moved_and_taken_out(draft, owner):
    for kind in ("wait", "mail", "tag"):
        add_step(version=draft, kind=kind, settings={}, actor=owner)
    coupon = add_step(version=draft, kind="coupon", settings={}, position=1, actor=owner)
    assert kinds(draft) == [(0, "wait"), (1, "coupon"), (2, "mail"), (3, "tag")]
    move_step(step=coupon, to=3, actor=owner)
    assert kinds(draft) == [(0, "wait"), (1, "mail"), (2, "tag"), (3, "coupon")]
    move_step(step=coupon, to=-5, actor=owner)
    assert kinds(draft) == [(0, "coupon"), (1, "wait"), (2, "mail"), (3, "tag")]
    delete_step(step=draft.steps.get(kind="wait"), actor=owner)
    assert kinds(draft) == [(0, "coupon"), (1, "mail"), (2, "tag")]
    change_step(step=coupon, settings={"percent_bp": 500}, actor=owner)
    assert draft.steps.get(kind="coupon").settings == {"percent_bp": 500}


def test_what_is_no_step_and_too_many_are_refused(draft, owner):
    with pytest.raises(SettingsRefused):
        add_step(version=draft, kind="explode", settings={}, actor=owner)
    for _number in range(MAX_STEPS):
        add_step(version=draft, kind="stop", settings={}, actor=owner)
    with pytest.raises(SettingsRefused):
        add_step(version=draft, kind="stop", settings={}, actor=owner)


def test_trigger_and_conditions_are_checked(draft, owner):
    set_trigger(version=draft, trigger="contact.inactive", settings={"days": 30}, actor=owner)
    set_conditions(version=draft, conditions=FITTING, actor=owner)
    fresh = AutomationVersion.objects.get(pk=draft.pk)
    assert (fresh.trigger, fresh.trigger_settings, fresh.conditions) == ("contact.inactive", {"days": 30}, FITTING)
    with pytest.raises(SettingsRefused):
        set_trigger(version=draft, trigger="nothing.known", settings={}, actor=owner)
    with pytest.raises(ConditionsRefused):
        set_conditions(version=draft, conditions={"match": "all", "parts": [{"fact": "none"}]}, actor=owner)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": "  "}, "name"),
        ({"repeat": "pause", "repeat_days": None}, "repeat_days"),
        ({"max_runs": 0}, "max_runs"),
    ],
)
def test_facts_that_cannot_be(draft, owner, facts, field):
    with pytest.raises(SettingsRefused) as refused:
        change_automation(automation=draft.automation, facts=facts, actor=owner)
    assert refused.value.field == field


def test_a_change_of_facts_is_told_once_and_nothing_when_nothing_changed(draft, owner):
    for _time in range(2):
        facts = {"name": "New name", "repeat": "pause", "repeat_days": 7, "max_runs": 100}
        change_automation(automation=draft.automation, facts=facts, actor=owner)
    assert told() == ["automation.created", "automation.changed"]


def test_what_is_live_is_never_changed(school, owner):
    automation = AutomationFactory(school=school, steps=(percent_coupon(), mail()))
    live = automation.versions.get()
    step = live.steps.get(position=0)
    for verb in (
        lambda: set_trigger(version=live, trigger="contact.created", settings={}, actor=owner),
        lambda: set_conditions(version=live, conditions=None, actor=owner),
        lambda: add_step(version=live, kind="stop", settings={}, actor=owner),
        lambda: change_step(step=step, settings={}, actor=owner),
        lambda: move_step(step=step, to=1, actor=owner),
        lambda: delete_step(step=step, actor=owner),
    ):
        with pytest.raises(VersionPublished):
            verb()


def test_a_draft_beside_what_is_live_says_the_same_at_first_and_replaces_it(school, owner):
    automation = AutomationFactory(school=school, conditions=FITTING, steps=(percent_coupon(), mail()))
    draft = draft_of(automation)
    assert draft_of(automation) == draft
    assert (draft.number, draft.conditions, kinds(draft)) == (2, FITTING, [(0, "coupon"), (1, "mail")])
    delete_step(step=draft.steps.get(position=1), actor=owner)
    apply_changes(automation=automation, actor=owner)
    live = automation.versions.get(is_live=True)
    assert (live.number, kinds(live)) == (2, [(0, "coupon")])
    assert automation.versions.get(number=1).is_live is False


def test_changes_are_given_up(school, owner):
    automation = AutomationFactory(school=school)
    draft_of(automation)
    discard_draft(automation=automation, actor=owner)
    assert automation.versions.count() == 1
    fresh = create_automation(name="Only a draft", actor=owner)
    with pytest.raises(ActionRefused):
        discard_draft(automation=fresh, actor=owner)


def test_a_copy_is_a_draft_that_says_the_same(school, owner):
    automation = AutomationFactory(
        school=school, name="Bonus", repeat="pause", repeat_days=9, max_runs=5, steps=(percent_coupon(), mail())
    )
    copy = copy_automation(automation=automation, actor=owner)
    assert (copy.name, copy.state, copy.repeat, copy.repeat_days, copy.max_runs) == (
        "Bonus (copy)",
        "draft",
        "pause",
        9,
        5,
    )
    assert kinds(copy.versions.get()) == [(0, "coupon"), (1, "mail")]
    assert copy.token != automation.token


# --- On and off ---


def test_nothing_is_switched_on_that_could_not_run(draft, owner):
    with pytest.raises(NotReady) as refused:
        switch_on(automation=draft.automation, actor=owner)
    assert [problem.step_position for problem in refused.value.problems] == [None, None]
    assert Automation.objects.get().state == "draft"
    set_trigger(version=draft, trigger="course.progress", settings={"course": "gone", "percent": 500}, actor=owner)
    add_step(version=draft, kind="stop", settings={}, actor=owner)
    set_conditions(version=draft, conditions=None, actor=owner)
    assert len(problems_of(AutomationVersion.objects.get(pk=draft.pk))) == 2


def test_conditions_about_what_was_deleted_are_a_problem(draft, owner):
    set_trigger(version=draft, trigger="contact.created", settings={}, actor=owner)
    add_step(version=draft, kind="stop", settings={}, actor=owner)
    gone = {"match": "all", "parts": [{"fact": "list", "op": "has", "value": "gone"}]}
    AutomationVersion.objects.update(conditions=gone)
    with pytest.raises(NotReady):
        switch_on(automation=draft.automation, actor=owner)


def test_the_whole_life(school, owner):
    automation = AutomationFactory(school=school)
    for verb, state in (
        (switch_off, "off"),
        (switch_on, "on"),
        (archive_automation, "archived"),
        (restore, "off"),
        (archive_automation, "archived"),
    ):
        assert verb(automation=automation, actor=owner).state == state
    with pytest.raises(ActionRefused):
        draft_of(automation)
    never_on = archive_automation(automation=create_automation(name="New", actor=owner), actor=owner)
    assert restore(automation=never_on, actor=owner).state == "draft"


@pytest.mark.parametrize(
    ("state", "verbs"),
    [
        ("draft", [switch_off, apply_changes, restore]),
        ("on", [switch_on, restore]),
        ("off", [switch_off, apply_changes, restore]),
        ("archived", [switch_on, switch_off, apply_changes, archive_automation]),
    ],
)
def test_moves_that_its_state_forbids(school, owner, state, verbs):
    automation = AutomationFactory(school=school)
    Automation.objects.update(state=state)
    for verb in verbs:
        with pytest.raises(ActionRefused):
            verb(automation=automation, actor=owner)


def test_only_what_needs_nothing_but_a_contact_is_started_by_hand(school, owner, contact):
    about_orders = AutomationFactory(school=school, trigger="order.paid", trigger_settings={"offer": ""})
    a_draft = AutomationFactory(school=school, trigger="contact.by_hand", is_on=False)
    for automation in (about_orders, a_draft):
        with pytest.raises(NotByHand):
            start_for(automation=automation, contacts=[contact], actor=owner)
    new_people = AutomationFactory(school=school)
    assert start_for(automation=new_people, contacts=[contact, contact], actor=owner) == 1
