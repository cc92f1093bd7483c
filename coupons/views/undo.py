"""Undo for ten seconds after a move that can be taken back: a signed token in the toast, posted by a form."""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from coupons.models import Coupon
from coupons.services import coupons as services
from kwiga import clock
from kwiga.errors import DomainError
from kwiga.tokens import secret_token
from schools.access import requires
from schools.roles import Right

SECONDS = 10
_GRACE = 5  # the way from the toast to us
_SALT = "coupons.undo"


def say_done(request: Any, sentence: Any, facts: dict[str, Any]) -> None:
    """A toast with an Undo button for what the facts describe: `do`, `coupon`, and what it takes."""
    token = signing.dumps(
        facts | {"school": request.school.pk, "user": request.user.pk, "at": clock.now().timestamp()}, salt=_SALT
    )
    messages.success(request, sentence, extra_tags=reverse("coupons:undo", args=[request.school.slug, token]))


def keep_deleted(kept: str) -> str:
    """Remember a deleted coupon as long as it can be brought back; the name under which it is."""
    name = secret_token()
    cache.set(f"coupon-undo:{name}", kept, SECONDS + _GRACE)
    return name


@requires(Right.MANAGE_COUPONS)
@require_POST
def undo(request: Any, facts: str) -> HttpResponse:
    """Take back what the token describes, once, by who did it, while it is fresh."""
    said = _read(request, facts)
    try:
        coupon = _undo(request, said) if said else None
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("coupons:list", request.school.slug)
    if coupon is None:
        messages.warning(request, _("This cannot be undone any more."))
        return redirect("coupons:list", request.school.slug)
    messages.success(request, _("Undone."))
    return redirect("coupons:detail", request.school.slug, coupon.token)


def _read(request: HttpRequest, facts: str) -> dict[str, Any] | None:
    try:
        said: dict[str, Any] = signing.loads(facts, salt=_SALT)
    except signing.BadSignature:
        return None
    is_own = (said["school"], said["user"]) == (request.school.pk, request.user.pk)  # type: ignore[attr-defined]
    return said if is_own and clock.now().timestamp() - said["at"] <= SECONDS + _GRACE else None


def _undo(request: Any, said: dict[str, Any]) -> Coupon | None:
    if said["do"] == "restore":
        kept = cache.get(f"coupon-undo:{said['kept']}")
        return services.undo_delete(kept=kept, actor=request.user) if kept else None
    coupon = get_object_or_404(Coupon.objects, pk=said["coupon"])
    if said["do"] == "resume":
        return services.resume_coupon(coupon=coupon, actor=request.user)
    if said["do"] == "pause":
        return services.pause_coupon(coupon=coupon, actor=request.user)
    ends_at = parse_datetime(said["ends_at"])
    assert ends_at is not None  # we wrote it  # noqa: S101
    return services.undo_extension(coupon=coupon, ends_at=ends_at, actor=request.user)
