"""Incoming hooks: their pages, and the address that other systems call."""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from automations.forms.connections import HookForm
from automations.incoming import hooks
from automations.incoming.receiving import Unreadable, read_call, receive
from automations.models import IncomingHook
from kwiga import limits
from kwiga.errors import DomainError
from schools.access import requires
from schools.roles import Right

MOST_BYTES = 64 * 1024
# Calls of one hook in a minute, and wrong addresses from one client.
CALLS, MISSES, MINUTE = 120, 30, 60


@requires(Right.MANAGE_CONNECTIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def hook_new(request: Any) -> HttpResponse:
    """Make an address."""
    form = HookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            hook = hooks.add_hook(facts=form.facts(), actor=request.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The address is ready."))
            return redirect("connections:hook", request.school.slug, hook.token)
    return render(request, "automations/connections/hook.html", {"form": form})


@requires(Right.MANAGE_CONNECTIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def hook_page(request: Any, token: str) -> HttpResponse:
    """The address, an example of a call, and its settings."""
    hook = _hook(token)
    initial = {"name": hook.name, "contact_list": hook.contact_list_id}
    form = HookForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            hooks.change_hook(hook=hook, facts=form.facts(), actor=request.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("connections:hook", request.school.slug, token)
    context = {"form": form, "hook": hook, "address": hooks.hook_url(request.school, hook)}
    return render(request, "automations/connections/hook.html", context)


@requires(Right.MANAGE_CONNECTIONS)
@require_POST
def hook_rotate(request: Any, token: str) -> HttpResponse:
    try:
        hooks.rotate_hook(hook=_hook(token), actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The hook has a new address. The old one does not work any more."))
    return redirect("connections:hook", request.school.slug, token)


@requires(Right.MANAGE_CONNECTIONS)
@require_POST
def hook_archive(request: Any, token: str) -> HttpResponse:
    try:
        hooks.archive_hook(hook=_hook(token), actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It is archived, and its address is closed."))
    return redirect("connections:list", request.school.slug)


@csrf_exempt
@login_not_required
@require_POST
def incoming_hook(request: Any, secret: str) -> HttpResponse:
    """What another system says: 200 once it is taken in, also for a repeat; a word on what is wrong otherwise."""
    hook = hooks.hook_of_secret(secret)
    if hook is None:
        is_patient = limits.allow("hook-misses", limits.client_key(request), times=MISSES, seconds=MINUTE)
        return _refusal(404, "unknown_address") if is_patient else _too_many()
    if not limits.allow("hook-calls", str(hook.pk), times=CALLS, seconds=MINUTE):
        return _too_many()
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return _refusal(413, "too_long")
    try:
        told = read_call(_said(request), request.headers.get("webhook-id", ""))
    except Unreadable as error:
        return _refusal(400, error.reason)
    is_new = receive(hook=hook, told=told)
    return JsonResponse({"received": True, "repeated": not is_new})


def _said(request: Any) -> Mapping[str, Any]:
    if request.content_type != "application/json":
        return request.POST.dict()
    try:
        said = json.loads(request.read(MOST_BYTES + 1))
    except (ValueError, RecursionError) as error:
        raise Unreadable("not_json") from error
    if not isinstance(said, dict):
        raise Unreadable("not_an_object")
    return said


def _refusal(status: int, reason: str) -> JsonResponse:
    return JsonResponse({"received": False, "reason": reason}, status=status)


def _too_many() -> JsonResponse:
    answer = _refusal(429, "too_many")
    answer["Retry-After"] = str(MINUTE)
    return answer


def _hook(token: str) -> IncomingHook:
    rows = IncomingHook.objects.select_related("contact_list")
    hook = rows.filter(token=token, archived_at=None).first()
    if hook is None:
        raise Http404
    return hook
