"""Coupons as a file, streamed piece by piece, each piece in a scope of its own."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from coupons.exports import cells_of, head_of
from coupons.forms.filters import CouponFilterForm
from coupons.models import Coupon
from coupons.selectors.lists import coupons_matching, rows_of, shown_coupons
from kwiga import clock, csv
from kwiga.paging import behind
from schools.access import requires
from schools.models import School
from schools.roles import Right
from schools.tenancy.scope import school_scope

PIECE = 500


@requires(Right.VIEW_COUPONS)
@require_http_methods(["GET", "HEAD", "POST"])
def coupon_export(request: Any) -> HttpResponseBase:
    """Every coupon of the filtered screen, or (POST) those of it that were ticked."""
    form = CouponFilterForm(request.POST if request.method == "POST" else request.GET)
    everything = request.method != "POST" or bool(request.POST.get("everything"))
    ticked = [] if everything else request.POST.getlist("coupon")
    if not (everything or ticked):
        messages.warning(request, _("Choose coupons first."))
        return redirect(reverse("coupons:list", args=[request.school.slug]) + form.address())
    wanted, at = form.wanted(), clock.now()

    def rows() -> QuerySet[Coupon]:
        return coupons_matching(wanted, at) if everything else Coupon.objects.filter(token__in=ticked)

    raw = request.GET.get("raw") == "1"
    lines = _lines(request.school, rows, translation.get_language() or "en", raw=raw)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"{request.school.slug}-coupons-{timezone.localtime(at):%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    response.tenant_safe = True  # type: ignore[attr-defined]
    return response


def _lines(school: School, rows: Callable[[], QuerySet[Coupon]], language: str, *, raw: bool) -> Iterator[str]:
    """Head and rows, newest first. A slow reader holds no transaction: each piece begins behind the last row."""
    with translation.override(language):
        titles = head_of(raw=raw)
    yield csv.head(titles, raw=raw)
    last: Coupon | None = None
    while True:
        with school_scope(school), timezone.override(school.time_zone), translation.override(language):
            coupons = rows() if last is None else rows().filter(behind(last))
            found = list(shown_coupons(coupons).order_by("-created_at", "-id")[:PIECE])
            piece = "".join(csv.line_of(cells_of(row), raw=raw) for row in rows_of(found, clock.now()))
        yield piece
        if len(found) < PIECE:
            return
        last = found[-1]
