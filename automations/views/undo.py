"""Undo for ten seconds: a signed token in the toast, posted by a form, for what was archived or taken out."""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from automations.models import Automation
from automations.services import switching, writing
from kwiga import clock
from kwiga.errors import DomainError
from kwiga.tokens import secret_token
from schools.access import requires
from schools.roles import Right

SECONDS = 10
_GRACE = 5  # the way from the toast to us
_SALT = "automations.undo"
_KEY = "automation-undo:{}"


def say_done(request: Any, sentence: Any, facts: dict[str, Any]) -> None:
    """A toast with an Undo button for what the facts describe: `do`, `automation`, and what it takes."""
    who = {"school": request.school.pk, "user": request.user.pk, "at": clock.now().timestamp()}
    token = signing.dumps(facts | who, salt=_SALT)
    messages.success(request, sentence, extra_tags=reverse("automations:undo", args=[request.school.slug, token]))


def keep_step(kind: str, settings: dict[str, Any], position: int) -> str:
    """Remember a step that is taken out as long as it can be put back; the name under which it is."""
    name = secret_token()
    facts = {"kind": kind, "settings": settings, "position": position}
    cache.set(_KEY.format(name), facts, SECONDS + _GRACE)
    return name


@requires(Right.MANAGE_AUTOMATIONS)
@require_POST
def undo(request: Any, facts: str) -> HttpResponse:
    """Take back what the token describes, once, by who did it, while it is fresh."""
    said = _read(request, facts)
    try:
        address = _undo(request, said) if said else ""
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("automations:list", request.school.slug)
    if not address:
        messages.warning(request, _("This cannot be undone any more."))
        return redirect("automations:list", request.school.slug)
    messages.success(request, _("Undone."))
    return redirect(address)


def _read(request: HttpRequest, facts: str) -> dict[str, Any] | None:
    try:
        said: dict[str, Any] = signing.loads(facts, salt=_SALT)
    except signing.BadSignature:
        return None
    is_own = (said["school"], said["user"]) == (request.school.pk, request.user.pk)  # type: ignore[attr-defined]
    return said if is_own and clock.now().timestamp() - said["at"] <= SECONDS + _GRACE else None


def _undo(request: Any, said: dict[str, Any]) -> str:
    automation = get_object_or_404(Automation.objects, pk=said["automation"])
    args = [request.school.slug, automation.token]
    if said["do"] == "restore":
        switching.restore(automation=automation, actor=request.user)
        if said["was_on"]:
            switching.switch_on(automation=automation, actor=request.user)
        return reverse("automations:detail", args=args)
    key = _KEY.format(said["kept"])
    step = cache.get(key)
    if step is None:
        return ""
    cache.delete(key)
    writing.add_step(version=writing.draft_of(automation), actor=request.user, **step)
    return reverse("automations:edit", args=args) + f"?at={step['position']}#step-{step['position']}"
