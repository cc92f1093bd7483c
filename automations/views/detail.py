"""The page of one automation: what it does now, how far its runs came, and what went wrong."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from automations.faces import Face, face_of
from automations.models import Automation, AutomationVersion, Run, Step
from automations.placeholders import given_by
from automations.selectors import StepCount, funnel_of
from automations.selectors.errors import errors_of
from automations.selectors.listing import RunCounts, counts_of
from automations.sentences import step_sentence, trigger_sentence
from automations.views.editor import for_whom, found
from automations.views.manage import rights_of
from schools.access import requires
from schools.activity import entries_of
from schools.models import Event
from schools.roles import Right

RUNS_SHOWN = 10
HISTORY_SHOWN = 10


@dataclass(frozen=True)
class Line:
    """A step with what became of it; nothing became of the steps of a draft."""

    step: Step
    face: Face
    sentence: str
    count: StepCount | None


@requires(Right.VIEW_AUTOMATIONS)
@require_safe
def automation_detail(request: Any, token: str) -> HttpResponse:
    """Everything about one automation."""
    automation = found(token)
    live = automation.versions.filter(is_live=True).first()
    draft = automation.versions.filter(published_at=None).first()
    version = live or draft
    history = Event.objects.filter(subject_kind="automation", subject_id=automation.pk).select_related("actor")
    context = {
        "automation": automation,
        "live": live,
        "draft": draft,
        "version": version,
        "start": trigger_sentence(version) if version else "",
        "for_whom": for_whom(version) if version else "",
        "lines": _lines(automation, version) if version else [],
        "is_about_something": bool(live and given_by(live)),
        "counts": counts_of([automation.pk]).get(automation.pk, RunCounts()),
        "errors": errors_of(automation=automation),
        "runs": Run.objects.filter(automation=automation)
        .select_related("contact")
        .order_by("-started_at", "-pk")[:RUNS_SHOWN],
        "entries": entries_of(request.school, list(history.order_by("-created_at", "-id")[:HISTORY_SHOWN])),
    }
    return render(request, "automations/automation_detail.html", context | rights_of(request))


def _lines(automation: Automation, version: AutomationVersion) -> list[Line]:
    if version.is_live:
        return [Line(row.step, face_of(row.step.kind), step_sentence(row.step), row) for row in funnel_of(automation)]
    steps = version.steps.order_by("position")
    return [Line(step, face_of(step.kind), step_sentence(step), None) for step in steps]
