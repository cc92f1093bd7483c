"""Runs of an automation, one run with every step of it, and the errors of all."""

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from automations.faces import face_of
from automations.forms.automation import ErrorFilterForm, RunFilterForm
from automations.models import Automation, Run, RunStep
from automations.reasons import sentence_for
from automations.selectors import runs_of
from automations.selectors.errors import erring_runs, errors_of
from automations.sentences import step_sentence, trigger_sentence
from automations.services import runs as services
from automations.views.editor import found
from automations.views.manage import rights_of
from automations.webhooks.retrying import tell_outbox
from kwiga.errors import DomainError
from kwiga.htmx import render_partial
from kwiga.instants import instant_of
from kwiga.paging import Sort, page_of
from schools.access import requires
from schools.roles import Right

NEWEST = Sort("started_at")
LATEST_SHOWN = 20


@requires(Right.VIEW_AUTOMATIONS)
@require_safe
def run_list(request: Any, token: str) -> HttpResponse:
    """Runs of an automation, newest first; the address holds state, days and the person looked for."""
    automation = found(token)
    form = RunFilterForm(request.GET)
    page = page_of(runs_of(automation, _wanted(form)).select_related("contact"), request, sort=NEWEST)
    context = {"automation": automation, "form": form, "page": page, "rows": [(run, said(run)) for run in page.rows]}
    return render_partial(request, "automations/run_list.html", "list", context | rights_of(request))


@requires(Right.VIEW_AUTOMATIONS)
@require_safe
def run_detail(request: Any, token: str) -> HttpResponse:
    """One run: what started it, and what became of every step of its version."""
    run = _run(token)
    rows = run.steps.select_related("coupon").prefetch_related("coupon__codes", "deliveries")
    done = {step.position: step for step in rows}
    tell_outbox(call for step in done.values() for call in step.deliveries.all())
    steps = run.version.steps.order_by("position")
    lines = [(step, face_of(step.kind), step_sentence(step), done.get(step.position)) for step in steps]
    has_failed = any(each.state == RunStep.State.FAILED for each in done.values())
    context = {
        "run": run,
        "automation": run.automation,
        "start": trigger_sentence(run.version),
        "reason": said(run),
        "lines": [(*line, str(sentence_for(line[3].reason)) if line[3] else "") for line in lines],
        "may_retry": run.state == Run.State.FAILED and has_failed and run.automation.state == Automation.State.ON,
        "may_stop": run.state == Run.State.WAITING,
    }
    return render(request, "automations/run_detail.html", context | rights_of(request))


@requires(Right.MANAGE_AUTOMATIONS)
@require_POST
def run_retry(request: Any, token: str) -> HttpResponse:
    """Try the failed step again and go on from there."""
    return _moved(request, token, services.retry_run, _("The step is tried again."))


@requires(Right.MANAGE_AUTOMATIONS)
@require_POST
def run_stop(request: Any, token: str) -> HttpResponse:
    """Stop a run that waits."""
    return _moved(request, token, services.stop_run, _("The run is stopped."))


@requires(Right.VIEW_AUTOMATIONS)
@require_safe
def error_list(request: Any) -> HttpResponse:
    """Errors under their names for a range of days, with the latest runs behind them (C35)."""
    form = ErrorFilterForm(request.GET)
    automation = Automation.objects.filter(token=form.values.get("automation", "")).first()
    days = _days(form.values.get("since"), form.values.get("until"))
    errors = errors_of(automation=automation, **days)
    latest = erring_runs(automation=automation, **days).select_related("contact", "automation")
    context = {
        "form": form,
        "errors": errors,
        "total": sum(error.number for error in errors),
        "latest": [(run, said(run)) for run in latest.order_by("-started_at", "-pk")[:LATEST_SHOWN]],
    }
    return render_partial(request, "automations/error_list.html", "list", context | rights_of(request))


def said(run: Run) -> str:
    """Why the run ended as it did, in words; empty for none."""
    return str(sentence_for(run.reason)) if run.reason else ""


def _run(token: str) -> Run:
    related = ("automation", "version", "contact", "event", "order", "offer", "course")
    return get_object_or_404(Run.objects.select_related(*related), token=token)


def _moved(request: Any, token: str, verb: Any, sentence: str) -> HttpResponse:
    try:
        verb(run=_run(token), actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, sentence)
    return redirect("automations:run", request.school.slug, token)


def _wanted(form: RunFilterForm) -> dict[str, Any]:
    days = _days(form.values.get("since"), form.values.get("until"))
    return {"state": form.values.get("state", ""), "text": form.values.get("q", ""), **days}


def _days(since: date | None, until: date | None) -> dict[str, datetime | None]:
    """Days of the school's zone, the last one included."""
    return {
        "since": instant_of(since, None, is_end=False) if since else None,
        "until": instant_of(until, None, is_end=True) if until else None,
    }
