"""Steps put in, written, moved and taken out, in the flow of the editor."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from automations.actions import known_kinds
from automations.forms.parts import PartForm
from automations.forms.step_form import form_of_step
from automations.models import Automation, AutomationVersion, Step
from automations.services import writing
from automations.views.editor import Opened, editor, found, shown_version
from automations.views.mail_look import look_of, send_test
from automations.views.undo import keep_step, say_done
from contacts.segments.form import conditions_answer
from kwiga.errors import DomainError
from schools.access import requires
from schools.roles import Right

UP, DOWN = "up", "down"


@requires(Right.MANAGE_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def step_add(request: Any, token: str) -> HttpResponse:
    """Put a step at `?at=`: first its kind, then its form. Nothing is written before the form is right."""
    automation = found(token)
    version = shown_version(automation)
    at = _place(request.GET.get("at", ""), version)
    kind = request.GET.get("kind", "")
    if kind not in known_kinds():
        return editor(request, automation, Opened(place="add", at=at))
    form = _form(request, kind, version, at)
    opened = Opened(place="add", at=at, kind=kind, form=form, more=look_of(request, kind, form, version, at))
    if (answer := _pressed(request, form)) is not None:
        return answer
    _test(request, kind, form, version, at)
    if request.method == "POST" and not _is_look(request, form) and form.is_valid():
        try:
            writing.add_step(
                version=writing.draft_of(automation),
                kind=kind,
                settings=form.settings(),
                position=at,
                actor=request.user,
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return redirect(_address(request, automation, at))
    return editor(request, automation, opened)


@requires(Right.MANAGE_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def step_edit(request: Any, token: str, position: int) -> HttpResponse:
    """Write a step. Of an automation that is on, this opens a draft; runs under way keep to theirs."""
    automation = found(token)
    version = shown_version(automation)
    step = _step(version, position)
    form = _form(request, step.kind, version, position, step)
    if (answer := _pressed(request, form)) is not None:
        return answer
    _test(request, step.kind, form, version, position)
    if request.method == "POST" and not _is_look(request, form) and form.is_valid() and _is_same(request, step, form):
        own = _step(writing.draft_of(automation), position)
        writing.change_step(step=own, settings=form.settings(), actor=request.user)
        return redirect(_address(request, automation, position))
    more = look_of(request, step.kind, form, version, position)
    return editor(request, automation, Opened(place="step", at=position, kind=step.kind, form=form, more=more))


@requires(Right.MANAGE_AUTOMATIONS)
@require_POST
def step_move(request: Any, token: str, position: int) -> HttpResponse:
    """One place up or down."""
    automation = found(token)
    by = request.POST.get("by", "")
    to = position + {UP: -1, DOWN: 1}.get(by, 0)
    step = _step(writing.draft_of(automation), position)
    writing.move_step(step=step, to=max(to, 0), actor=request.user)
    at = min(max(to, 0), step.version.steps.count() - 1)
    return redirect(_address(request, automation, at, by=by))


@requires(Right.MANAGE_AUTOMATIONS)
@require_POST
def step_delete(request: Any, token: str, position: int) -> HttpResponse:
    """Take a step out; Undo puts it back where it was."""
    automation = found(token)
    step = _step(writing.draft_of(automation), position)
    kept = keep_step(step.kind, step.settings, step.position)
    writing.delete_step(step=step, actor=request.user)
    say_done(request, _("The step is taken out."), {"do": "step", "automation": automation.pk, "kept": kept})
    return redirect("automations:edit", request.school.slug, token)


def _form(request: Any, kind: str, version: AutomationVersion, at: int, step: Step | None = None) -> PartForm:
    return form_of_step(
        kind,
        version=version,
        position=at,
        school=request.school,
        page=request.get_full_path(),
        data=request.POST if request.method == "POST" else None,
        settings=step.settings if step else None,
    )


def _pressed(request: Any, form: PartForm) -> HttpResponse | None:
    """The answer to a button of the conditions, for htmx."""
    if request.method == "POST" and getattr(form, "pressed", False):
        return conditions_answer(request, form.conditions_form)  # type: ignore[attr-defined]
    return None


def _test(request: Any, kind: str, form: PartForm, version: AutomationVersion, at: int) -> None:
    """Send what is typed to oneself, when that was asked for and it can be sent."""
    if "test" in request.POST and kind == Step.Kind.MAIL and form.is_valid():
        send_test(request, form, version, at)


def _is_look(request: Any, form: PartForm) -> bool:
    """Whether the post only asks for a look: at the mail, or at other conditions."""
    return "look" in request.POST or "test" in request.POST or bool(getattr(form, "pressed", False))


def _is_same(request: Any, step: Step, form: PartForm) -> bool:
    """Whether the step that stands there is still of the kind that was opened."""
    if request.POST.get("kind", step.kind) == step.kind:
        return True
    messages.error(request, _("The steps have changed meanwhile. Look at them again."))
    return False


def _step(version: AutomationVersion, position: int) -> Step:
    step = version.steps.filter(position=position).select_related("version__automation").first()
    if step is None:
        raise Http404
    return step


def _place(typed: str, version: AutomationVersion) -> int:
    """Where a step shall stand: what was typed, as far as there is such a place; else the end."""
    end = version.steps.count()
    return min(int(typed), end) if typed.isdecimal() and len(typed) < 4 else end


def _address(request: Any, automation: Automation, at: int, by: str = "") -> str:
    address = reverse("automations:edit", args=[request.school.slug, automation.token])
    return f"{address}?at={at}{'&by=' + by if by in (UP, DOWN) else ''}#step-{at}"
