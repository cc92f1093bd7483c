"""Moves of an automation: on, off, changes applied or given up, copied, archived, brought back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from automations.errors import NotReady
from automations.models import Automation
from automations.services import switching, writing
from automations.views.undo import say_done
from kwiga.errors import DomainError
from schools.access import requires
from schools.roles import Right

MOVES = ("on", "off", "apply", "discard", "copy", "archive", "restore")


@requires(Right.MANAGE_AUTOMATIONS)
@require_POST
def automation_move(request: Any, token: str, move: str) -> HttpResponse:
    """Do it, and say so; what is missing before it can be switched on stands in the editor."""
    if move not in MOVES:
        raise Http404
    automation = get_object_or_404(Automation.objects, token=token)
    try:
        return _VERBS[move](request, automation)
    except NotReady as error:
        messages.error(request, str(error))
        return redirect("automations:edit", request.school.slug, token)
    except DomainError as error:
        messages.error(request, str(error))
        return _back(request, automation)


def _back(request: Any, automation: Automation) -> HttpResponse:
    if request.POST.get("back") == "list":
        return redirect("automations:list", request.school.slug)
    return redirect("automations:detail", request.school.slug, automation.token)


def _on(request: Any, automation: Automation) -> HttpResponse:
    switching.switch_on(automation=automation, actor=request.user)
    messages.success(request, _("The automation is on. It counts what happens from now on."))
    return _back(request, automation)


def _off(request: Any, automation: Automation) -> HttpResponse:
    switching.switch_off(automation=automation, actor=request.user)
    messages.success(request, _("The automation is off. Runs that were waiting are stopped."))
    return _back(request, automation)


def _apply(request: Any, automation: Automation) -> HttpResponse:
    switching.apply_changes(automation=automation, actor=request.user)
    messages.success(request, _("The changes count for new runs. Runs under way go on as they began."))
    return _back(request, automation)


def _discard(request: Any, automation: Automation) -> HttpResponse:
    writing.discard_draft(automation=automation, actor=request.user)
    messages.success(request, _("The changes are given up."))
    return redirect("automations:edit", request.school.slug, automation.token)


def _copy(request: Any, automation: Automation) -> HttpResponse:
    copy = writing.copy_automation(automation=automation, actor=request.user)
    messages.success(request, _("This is the copy, as a draft."))
    return redirect("automations:edit", request.school.slug, copy.token)


def _archive(request: Any, automation: Automation) -> HttpResponse:
    was_on = automation.state == Automation.State.ON
    switching.archive_automation(automation=automation, actor=request.user)
    facts = {"do": "restore", "automation": automation.pk, "was_on": was_on}
    say_done(request, _("The automation is archived. Runs that were waiting are stopped."), facts)
    return redirect("automations:list", request.school.slug)


def _restore(request: Any, automation: Automation) -> HttpResponse:
    switching.restore(automation=automation, actor=request.user)
    messages.success(request, _("The automation is back, and off."))
    return _back(request, automation)


_VERBS = {
    "on": _on,
    "off": _off,
    "apply": _apply,
    "discard": _discard,
    "copy": _copy,
    "archive": _archive,
    "restore": _restore,
}
