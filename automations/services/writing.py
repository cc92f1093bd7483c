"""Automations and their drafts as the team writes them."""

from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext_lazy as _

from automations.errors import ActionRefused, SettingsRefused, VersionPublished
from automations.models import Automation, AutomationVersion, Step
from automations.triggers import UnknownTrigger, trigger_of
from contacts.segments.members import checked
from kwiga import clock
from schools.journal import record_event
from schools.models import User
from schools.tenancy.scope import current_school_id

MAX_STEPS = 50
FACTS = ("name", "repeat", "repeat_days", "max_runs")


@transaction.atomic
def create_automation(*, name: str, actor: User | None, recipe: dict[str, Any] | None = None) -> Automation:
    """A new draft; `recipe` says its facts, trigger, settings, conditions and steps, as `recipe_of` writes them.

    Raises SettingsRefused.
    """
    said = recipe or {}
    automation = Automation(school_id=current_school_id(), name=_name(name), created_by=actor)
    _set_facts(automation, {name: value for name, value in said.items() if name in FACTS and name != "name"})
    automation.save(force_insert=True)
    version = AutomationVersion.objects.create(
        school_id=automation.school_id,
        automation=automation,
        number=1,
        trigger=said.get("trigger", ""),
        trigger_settings=said.get("trigger_settings", {}),
        conditions=said.get("conditions"),
    )
    _write_steps(version, said.get("steps", []))
    record_event("automation.created", subject=automation, actor=actor)
    return automation


@transaction.atomic
def copy_automation(*, automation: Automation, actor: User | None) -> Automation:
    """A draft that says the same as the newest version, under a name that tells it is a copy."""
    recipe = recipe_of(_newest(automation))
    name = str(_("%(name)s (copy)")) % {"name": automation.name[:110]}
    fresh = create_automation(name=name, actor=actor, recipe=recipe)
    record_event("automation.copied", subject=fresh, actor=actor, data={"from": automation.pk})
    return fresh


@transaction.atomic
def change_automation(*, automation: Automation, facts: dict[str, Any], actor: User | None) -> Automation:
    """Change name, repeat, repeat_days or max_runs; they count at once, for later events. Raises SettingsRefused."""
    locked = lock_automation(automation)
    before = {name: getattr(locked, name) for name in FACTS}
    _set_facts(locked, facts)
    changed = [name for name in FACTS if getattr(locked, name) != before[name]]
    if changed:
        locked.updated_at = clock.now()
        locked.save(update_fields=[*FACTS, "updated_at"])
        record_event("automation.changed", subject=locked, actor=actor, data={"fields": changed})
    return locked


@transaction.atomic
def draft_of(automation: Automation) -> AutomationVersion:
    """The version being written; when there is none, a copy of the live one is opened."""
    locked = lock_automation(automation)
    if locked.state == Automation.State.ARCHIVED:
        raise ActionRefused
    draft = locked.versions.filter(published_at=None).first()
    return draft or _open_draft(locked)


@transaction.atomic
def set_trigger(
    *, version: AutomationVersion, trigger: str, settings: dict[str, Any], actor: User | None
) -> AutomationVersion:
    """Choose what starts the automation. Raises SettingsRefused, VersionPublished."""
    draft = lock_draft(version)
    try:
        trigger_of(trigger)
    except UnknownTrigger as error:
        raise SettingsRefused("trigger", _("Choose what starts the automation.")) from error
    draft.trigger, draft.trigger_settings = trigger, settings
    return _changed(draft, actor, "trigger", "trigger_settings")


@transaction.atomic
def set_conditions(
    *, version: AutomationVersion, conditions: dict[str, Any] | None, actor: User | None
) -> AutomationVersion:
    """Say for whom the automation is; None for everybody. Raises ConditionsRefused, VersionPublished."""
    draft = lock_draft(version)
    draft.conditions = None if conditions is None else checked(conditions)
    return _changed(draft, actor, "conditions")


@transaction.atomic
def add_step(
    *,
    version: AutomationVersion,
    kind: str,
    settings: dict[str, Any],
    position: int | None = None,
    actor: User | None,
) -> Step:
    """Put a step at `position`, at the end by default; those behind move on. Raises SettingsRefused."""
    draft = lock_draft(version)
    count = draft.steps.count()
    if count >= MAX_STEPS:
        raise SettingsRefused("kind", _("An automation has at most 50 steps."))
    if kind not in Step.Kind.values:
        raise SettingsRefused("kind", _("Choose what the step does."))
    at = count if position is None else max(0, min(position, count))
    draft.steps.filter(position__gte=at).update(position=F("position") + 1)
    step = Step.objects.create(school_id=draft.school_id, version=draft, position=at, kind=kind, settings=settings)
    _changed(draft, actor)
    return step


@transaction.atomic
def change_step(*, step: Step, settings: dict[str, Any], actor: User | None) -> Step:
    """Write a step's settings. Raises VersionPublished."""
    draft = lock_draft(step.version)
    step.settings = settings
    step.save(update_fields=["settings"])
    _changed(draft, actor)
    return step


@transaction.atomic
def move_step(*, step: Step, to: int, actor: User | None = None) -> Step:
    """Put a step at another position; the others close up. Raises VersionPublished."""
    draft = lock_draft(step.version)
    steps = list(draft.steps.order_by("position"))
    moved = next(each for each in steps if each.pk == step.pk)
    steps.remove(moved)
    steps.insert(max(0, min(to, len(steps))), moved)
    _number(steps)
    _changed(draft, actor)
    return moved


@transaction.atomic
def delete_step(*, step: Step, actor: User | None = None) -> None:
    """Take a step out; the others close up. Raises VersionPublished."""
    draft = lock_draft(step.version)
    draft.steps.filter(pk=step.pk).delete()
    _number(list(draft.steps.order_by("position")))
    _changed(draft, actor)


@transaction.atomic
def discard_draft(*, automation: Automation, actor: User | None) -> None:
    """Give up the changes of an automation that has a published version. Raises ActionRefused when it has none."""
    locked = lock_automation(automation)
    if not locked.versions.exclude(published_at=None).exists():
        raise ActionRefused
    deleted, _rows = locked.versions.filter(published_at=None).delete()
    if deleted:
        record_event("automation.draft_discarded", subject=locked, actor=actor)


def recipe_of(version: AutomationVersion) -> dict[str, Any]:
    """All that a version and its automation say, as `create_automation` takes it."""
    facts = {name: getattr(version.automation, name) for name in FACTS if name != "name"}
    steps = [{"kind": step.kind, "settings": step.settings} for step in version.steps.order_by("position")]
    written = {name: getattr(version, name) for name in ("trigger", "trigger_settings", "conditions")}
    return facts | written | {"steps": steps}


def lock_automation(automation: Automation) -> Automation:
    """The automation as it is now, locked against changes and starts."""
    return Automation.objects.select_for_update(of=("self",), no_key=True).get(pk=automation.pk)


def lock_draft(version: AutomationVersion) -> AutomationVersion:
    """The draft, with its automation locked. Raises VersionPublished."""
    lock_automation(version.automation)
    draft = AutomationVersion.objects.filter(pk=version.pk, published_at=None).first()
    if draft is None:
        raise VersionPublished
    return draft


def _newest(automation: Automation) -> AutomationVersion:
    version = automation.versions.order_by("-number").first()
    if version is None:
        raise ActionRefused
    return version


def _open_draft(automation: Automation) -> AutomationVersion:
    base = automation.versions.filter(is_live=True).first() or _newest(automation)
    number = automation.versions.aggregate(last=Max("number"))["last"] + 1
    said = recipe_of(base)
    draft = AutomationVersion.objects.create(
        school_id=automation.school_id,
        automation=automation,
        number=number,
        trigger=said["trigger"],
        trigger_settings=said["trigger_settings"],
        conditions=said["conditions"],
    )
    _write_steps(draft, said["steps"])
    return draft


def _write_steps(version: AutomationVersion, steps: list[dict[str, Any]]) -> None:
    Step.objects.bulk_create(
        Step(school_id=version.school_id, version=version, position=at, kind=said["kind"], settings=said["settings"])
        for at, said in enumerate(steps)
    )


def _number(steps: list[Step]) -> None:
    for position, step in enumerate(steps):
        step.position = position
    Step.objects.bulk_update(steps, ["position"])


def _changed(draft: AutomationVersion, actor: User | None, *fields: str) -> AutomationVersion:
    if fields:
        draft.save(update_fields=list(fields))
    Automation.objects.filter(pk=draft.automation_id).update(updated_at=clock.now())
    return draft


def _set_facts(automation: Automation, facts: dict[str, Any]) -> None:
    if "name" in facts:
        automation.name = _name(facts["name"])
    for name in ("repeat", "repeat_days", "max_runs"):
        if name in facts:
            setattr(automation, name, facts[name])
    if automation.repeat == Automation.Repeat.PAUSE and not automation.repeat_days:
        raise SettingsRefused("repeat_days", _("Enter after how many days it may run again."))
    if automation.max_runs is not None and automation.max_runs < 1:
        raise SettingsRefused("max_runs", _("Enter a number above zero, or leave it empty."))


def _name(text: str) -> str:
    name = " ".join(text.split())[:120]
    if not name:
        raise SettingsRefused("name", _("Enter a name."))
    return name
