"""The editor: the automation as a flow, with at most one of its places open for writing.

Every place has an address of its own, so that the same page serves with and without JavaScript.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from automations.errors import Problem, SettingsRefused
from automations.faces import Face, face_of, faces
from automations.forms.automation import FactsForm
from automations.forms.triggers import TriggerForm
from automations.models import Automation, AutomationVersion, Step
from automations.sentences import step_sentence, trigger_sentence
from automations.services import switching, writing
from automations.triggers import Trigger, UnknownTrigger, all_triggers, trigger_of
from automations.views.manage import rights_of
from contacts.segments.form import ConditionsForm, conditions_answer
from contacts.segments.language import ConditionsRefused
from contacts.segments.members import sentence_of
from kwiga.errors import DomainError
from schools.access import requires
from schools.roles import Right


@dataclass(frozen=True)
class Card:
    """A step as the flow shows it."""

    step: Step
    face: Face
    sentence: str
    problems: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Opened:
    """The place that is open: "facts", "trigger", "conditions", "step", or "add" (a step to be put at `at`)."""

    place: str
    at: int = -1
    kind: str = ""
    form: Any = None
    more: dict[str, Any] = field(default_factory=dict)


NOTHING = Opened(place="")


@requires(Right.VIEW_AUTOMATIONS)
@require_safe
def automation_edit(request: Any, token: str) -> HttpResponse:
    """The flow with nothing open; `?at=` is the step that was just put, changed or moved."""
    return editor(request, found(token))


@requires(Right.MANAGE_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def facts_edit(request: Any, token: str) -> HttpResponse:
    """Name, and how often it runs; these count at once."""
    automation = found(token)
    form = FactsForm(request.POST if request.method == "POST" else None, instance=automation)
    if request.method == "POST" and form.is_valid():
        try:
            writing.change_automation(automation=automation, facts=form.facts(), actor=request.user)
        except SettingsRefused as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Saved. This counts at once."))
            return redirect("automations:edit", request.school.slug, token)
    return editor(request, automation, Opened(place="facts", form=form))


@requires(Right.MANAGE_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def trigger_edit(request: Any, token: str) -> HttpResponse:
    """What starts it: first which event, then what about it."""
    automation = found(token)
    version = shown_version(automation)
    asked = (request.POST if request.method == "POST" else request.GET).get("trigger", version.trigger)
    trigger = _trigger(asked)
    if trigger is None or "another" in request.GET:
        return editor(request, automation, Opened(place="trigger", more={"groups": _groups()}))
    known = version.trigger_settings if version.trigger == trigger.key else {}
    form = TriggerForm(request.POST if request.method == "POST" else None, trigger=trigger, settings=known)
    if request.method == "POST" and form.is_valid():
        draft = writing.draft_of(automation)
        writing.set_trigger(version=draft, trigger=trigger.key, settings=form.settings(), actor=request.user)
        return redirect(_place(request, token, "start"))
    return editor(request, automation, Opened(place="trigger", form=form, more={"trigger": trigger}))


@requires(Right.MANAGE_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def conditions_edit(request: Any, token: str) -> HttpResponse:
    """For whom it is; no condition means everybody."""
    automation = found(token)
    version = shown_version(automation)
    posted = request.POST if request.method == "POST" else None
    form = ConditionsForm(posted, conditions=_readable(version), page=request.path, may_be_empty=True)
    form.note = _("Looked at when the event happens; no condition means everybody.")
    if posted is not None and form.pressed:
        answer = conditions_answer(request, form)
        return answer or editor(request, automation, Opened(place="conditions", form=form))
    if posted is not None and form.is_valid():
        draft = writing.draft_of(automation)
        writing.set_conditions(version=draft, conditions=form.conditions, actor=request.user)
        return redirect(_place(request, token, "for-whom"))
    return editor(request, automation, Opened(place="conditions", form=form))


def found(token: str) -> Automation:
    """The automation with this token, or 404."""
    return get_object_or_404(Automation.objects, token=token)


def shown_version(automation: Automation) -> AutomationVersion:
    """What the editor shows: the draft, else the live version, else the newest."""
    newest = automation.versions.order_by("-number").first()
    draft = newest if newest and newest.published_at is None else None
    version = draft or automation.versions.filter(is_live=True).first() or newest
    if version is None:
        raise DomainError(_("This automation has no version."))
    return version


def editor(request: Any, automation: Automation, opened: Opened = NOTHING) -> HttpResponse:
    """The page, with one place open."""
    version = shown_version(automation)
    steps = list(version.steps.order_by("position"))
    problems = switching.problems_of(version)
    live = automation.versions.filter(is_live=True).first()
    at = "" if opened.place else request.GET.get("at", "")
    context = {
        "automation": automation,
        "version": version,
        "live": live,
        "is_draft": version.published_at is None,
        "cards": [_card(step, problems) for step in steps],
        "start": trigger_sentence(version),
        "for_whom": for_whom(version),
        "start_problems": _start_problems(problems, has_steps=bool(steps)),
        "problems": problems,
        "opened": opened,
        "place": opened.place,
        "faces": faces(),
        "face": face_of(opened.kind) if opened.kind else None,
        "moved": int(at) if at.isdecimal() and len(at) < 4 else -1,
        "by": request.GET.get("by", ""),
        "end": len(steps),
        **opened.more,
    }
    return render(request, "automations/editor.html", context | rights_of(request))


def _card(step: Step, problems: Sequence[Problem]) -> Card:
    own = [problem.sentence for problem in problems if problem.step_position == step.position]
    return Card(step, face_of(step.kind), step_sentence(step), own)


def _start_problems(problems: Sequence[Problem], *, has_steps: bool) -> list[str]:
    """What is missing at the start; that there is no step is the last of them, and stands where steps are added."""
    own = [problem.sentence for problem in problems if problem.step_position is None]
    return own if has_steps else own[:-1]


def for_whom(version: AutomationVersion) -> str:
    """The conditions in a sentence; empty for everybody."""
    if version.conditions is None:
        return ""
    try:
        return sentence_of(version.conditions)
    except ConditionsRefused as error:
        return str(error)


def _readable(version: AutomationVersion) -> dict[str, Any] | None:
    """The conditions, unless they cannot be read any more and have to be written anew."""
    try:
        return version.conditions if version.conditions and sentence_of(version.conditions) else None
    except ConditionsRefused:
        return None


def _trigger(key: str) -> Trigger | None:
    try:
        return trigger_of(key)
    except UnknownTrigger:
        return None


def _groups() -> list[tuple[str, list[Trigger]]]:
    groups: dict[str, list[Trigger]] = {}
    for trigger in all_triggers():
        groups.setdefault(str(trigger.group), []).append(trigger)
    return list(groups.items())


def _place(request: Any, token: str, anchor: str) -> str:
    return reverse("automations:edit", args=[request.school.slug, token]) + f"#{anchor}"
