"""An automation switched on and off, put away and taken out again."""

from django.db import transaction
from django.utils.translation import gettext as _

from automations.actions import UnknownAction, action_of
from automations.engine.stopping import stop_all, stop_runs_of
from automations.engine.sweeping import begin_sweeping, go_on_sweeping
from automations.errors import ActionRefused, NotReady, Problem
from automations.models import Automation, AutomationVersion, Run
from automations.objects import missing_settings
from automations.reasons import SWITCHED_OFF
from automations.services.writing import lock_automation
from automations.triggers import UnknownTrigger, trigger_of
from contacts.segments.members import problems_in
from kwiga import clock
from schools.journal import record_event
from schools.models import User


def problems_of(version: AutomationVersion) -> list[Problem]:
    """Why this version cannot be switched on; none when it can."""
    problems = [Problem(None, sentence) for sentence in _trigger_problems(version)]
    problems += [Problem(None, sentence) for sentence in _condition_problems(version)]
    steps = list(version.steps.order_by("position"))
    if not steps:
        problems.append(Problem(None, _("Add a step.")))
    for step in steps:
        try:
            sentences = list(action_of(step.kind).problems(step))
        except UnknownAction:
            sentences = [_("This version of the product does not know the step.")]
        problems += [Problem(step.position, sentence) for sentence in sentences]
    return problems


@transaction.atomic
def switch_on(*, automation: Automation, actor: User | None) -> Automation:
    """Publish the draft, if there is one, and count events from now on. Raises NotReady, ActionRefused."""
    locked = lock_automation(automation)
    if locked.state not in (Automation.State.DRAFT, Automation.State.OFF):
        raise ActionRefused
    _publish(locked)
    # Of very many runs that were stopped by switching off some may still wait for it.
    stop_all(Run.objects.filter(automation=locked), SWITCHED_OFF)
    locked.state, locked.switched_on_at = Automation.State.ON, clock.now()
    _save(locked, "automation.switched_on", actor)
    begin_sweeping(locked)
    return locked


@transaction.atomic
def apply_changes(*, automation: Automation, actor: User | None) -> Automation:
    """Publish the draft of an automation that is on; runs under way keep to their version. Raises NotReady."""
    locked = lock_automation(automation)
    if locked.state != Automation.State.ON:
        raise ActionRefused
    if _publish(locked):
        _save(locked, "automation.changed", actor)
        go_on_sweeping(locked)
    return locked


@transaction.atomic
def switch_off(*, automation: Automation, actor: User | None) -> Automation:
    """Start nothing any more, and stop what waits (P1.3). Raises ActionRefused."""
    locked = lock_automation(automation)
    if locked.state != Automation.State.ON:
        raise ActionRefused
    locked.state = Automation.State.OFF
    _save(locked, "automation.switched_off", actor)
    stop_runs_of(locked)
    return locked


@transaction.atomic
def archive_automation(*, automation: Automation, actor: User | None) -> Automation:
    """Put it away, with what waits stopped; its runs stay to be read. Raises ActionRefused."""
    locked = lock_automation(automation)
    if locked.state == Automation.State.ARCHIVED:
        raise ActionRefused
    locked.state = Automation.State.ARCHIVED
    _save(locked, "automation.archived", actor)
    stop_runs_of(locked)
    return locked


@transaction.atomic
def restore(*, automation: Automation, actor: User | None) -> Automation:
    """Take it out again: off, or a draft when it never ran. Raises ActionRefused."""
    locked = lock_automation(automation)
    if locked.state != Automation.State.ARCHIVED:
        raise ActionRefused
    was_on = locked.switched_on_at is not None
    locked.state = Automation.State.OFF if was_on else Automation.State.DRAFT
    _save(locked, "automation.restored", actor)
    return locked


def _publish(automation: Automation) -> bool:
    """Make the draft the live version; whether there was one. Raises NotReady."""
    draft = automation.versions.filter(published_at=None).first()
    version = draft or automation.versions.filter(is_live=True).first()
    if version is None:
        raise ActionRefused
    if problems := problems_of(version):
        raise NotReady(problems)
    if draft is None:
        return False
    automation.versions.filter(is_live=True).update(is_live=False)
    draft.published_at, draft.is_live = clock.now(), True
    draft.save(update_fields=["published_at", "is_live"])
    return True


def _save(automation: Automation, kind: str, actor: User | None) -> None:
    automation.updated_at = clock.now()
    automation.save(update_fields=["state", "switched_on_at", "updated_at"])
    record_event(kind, subject=automation, actor=actor)


def _trigger_problems(version: AutomationVersion) -> list[str]:
    if not version.trigger:
        return [_("Choose what starts the automation.")]
    try:
        trigger = trigger_of(version.trigger)
    except UnknownTrigger:
        return [_("This version of the product does not know what starts the automation.")]
    return missing_settings(trigger.fields, version.trigger_settings)


def _condition_problems(version: AutomationVersion) -> list[str]:
    return list(problems_in(version.conditions)) if version.conditions else []
