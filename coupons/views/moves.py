"""Moves of one coupon: pause, resume, publish, extend, end, archive, delete; the grave ones ask first (C30)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from coupons.forms.moves import ExtensionForm
from coupons.models import Coupon
from coupons.selectors.lists import code_of, shown_coupons, uses_of
from coupons.services import coupons as services
from coupons.status import Action, may, status_of
from coupons.views.undo import keep_deleted, say_done
from kwiga import clock
from kwiga.errors import DomainError
from schools.access import requires
from schools.roles import Right

MOVES = (Action.PUBLISH, Action.PAUSE, Action.RESUME, Action.EXTEND, Action.END, Action.ARCHIVE, Action.DELETE)


@requires(Right.MANAGE_COUPONS)
@require_http_methods(["GET", "HEAD", "POST"])
def coupon_move(request: Any, token: str, move: str) -> HttpResponse:
    """Ask, or do it; what can be taken back is not asked but undone."""
    if move not in MOVES:
        raise Http404
    coupon = get_object_or_404(shown_coupons(Coupon.objects.all()), token=token)
    form = ExtensionForm(request.POST if request.method == "POST" else None, initial={"ends_at": coupon.ends_at})
    if request.method == "POST" and (move != Action.EXTEND or form.is_valid()):
        try:
            _VERBS[Action(move)](request, coupon, form)
        except DomainError as error:
            if move != Action.EXTEND:
                messages.error(request, str(error))
                return redirect("coupons:detail", request.school.slug, token)
            form.add_error("ends_at", str(error))
        else:
            return _back(request, coupon, move)
    at = clock.now()
    context = {
        "coupon": coupon,
        "code": code_of(coupon),
        "move": move,
        "form": form,
        "status": status_of(coupon, at),
        "may_move": may(coupon, Action(move), at),
        "uses": uses_of([coupon.pk]).get(coupon.pk),
    }
    return render(request, "coupons/coupon_move.html", context)


def _back(request: Any, coupon: Coupon, move: str) -> HttpResponse:
    if move in (Action.DELETE, Action.ARCHIVE):
        return redirect("coupons:list", request.school.slug)
    return redirect("coupons:detail", request.school.slug, coupon.token)


def _publish(request: Any, coupon: Coupon, form: ExtensionForm) -> None:
    services.publish_coupon(coupon=coupon, actor=request.user)
    messages.success(request, _("The coupon is live."))


def _pause(request: Any, coupon: Coupon, form: ExtensionForm) -> None:
    services.pause_coupon(coupon=coupon, actor=request.user)
    say_done(request, _("The coupon is paused."), {"do": "resume", "coupon": coupon.pk})


def _resume(request: Any, coupon: Coupon, form: ExtensionForm) -> None:
    services.resume_coupon(coupon=coupon, actor=request.user)
    say_done(request, _("The coupon can be used again."), {"do": "pause", "coupon": coupon.pk})


def _extend(request: Any, coupon: Coupon, form: ExtensionForm) -> None:
    before = coupon.ends_at
    services.extend_coupon(coupon=coupon, ends_at=form.cleaned_data["ends_at"], actor=request.user)
    facts = {"do": "shorten", "coupon": coupon.pk, "ends_at": before.isoformat() if before else ""}
    say_done(request, _("The coupon runs longer."), facts)


def _end(request: Any, coupon: Coupon, form: ExtensionForm) -> None:
    services.end_coupon(coupon=coupon, actor=request.user)
    messages.success(request, _("The coupon has ended."))


def _archive(request: Any, coupon: Coupon, form: ExtensionForm) -> None:
    services.archive_coupon(coupon=coupon, actor=request.user)
    messages.success(request, _("The coupon is archived."))


def _delete(request: Any, coupon: Coupon, form: ExtensionForm) -> None:
    code = code_of(coupon)
    kept = services.delete_coupon(coupon=coupon, actor=request.user)
    if not kept:
        messages.success(
            request, _("%(code)s has been used, so it is archived: old orders still show it.") % {"code": code}
        )
        return
    say_done(request, _("%(code)s is deleted.") % {"code": code}, {"do": "restore", "kept": keep_deleted(kept)})


_VERBS: dict[Action, Callable[[Any, Coupon, ExtensionForm], None]] = {
    Action.PUBLISH: _publish,
    Action.PAUSE: _pause,
    Action.RESUME: _resume,
    Action.EXTEND: _extend,
    Action.END: _end,
    Action.ARCHIVE: _archive,
    Action.DELETE: _delete,
}
