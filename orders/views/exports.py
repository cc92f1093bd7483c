"""Orders and transactions as files, streamed piece by piece, each piece in a scope of its own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kwiga import clock, csv
from kwiga.paging import behind
from orders.exports import ORDER_COLUMNS, PAYMENT_COLUMNS, Columns, cells_of, head_of
from orders.forms.filters import OrderFilterForm, PaymentFilterForm
from orders.selectors.lists import chosen_orders, orders_matching, payments_matching, shown_orders, shown_payments
from schools.access import requires
from schools.models import School
from schools.roles import Right
from schools.tenancy.scope import school_scope

PIECE = 500


@dataclass(frozen=True, kw_only=True)
class Export:
    """A file to be written: `rows` builds the query anew in each piece's scope."""

    school: School
    columns: Columns
    rows: Callable[[], QuerySet[Any, Any]]
    language: str
    raw: bool


@requires(Right.EXPORT_ORDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def order_export(request: Any) -> HttpResponseBase:
    """Every order of the filtered screen, or (POST) those of it that were ticked."""
    form = OrderFilterForm(request.POST if request.method == "POST" else request.GET)
    everything = request.method != "POST" or bool(request.POST.get("everything"))
    ticked = [] if everything else request.POST.getlist("order")
    if not (everything or ticked):
        messages.warning(request, _("Choose orders first."))
        return redirect(reverse("orders:list", args=[request.school.slug]) + form.address())
    wanted = form.wanted()

    def rows() -> QuerySet[Any, Any]:
        orders = orders_matching(wanted) if everything else chosen_orders(ticked)
        return shown_orders(orders).prefetch_related("discounts")

    return _file(request, "orders", ORDER_COLUMNS, rows)


@requires(Right.EXPORT_ORDERS)
@require_safe
def transaction_export(request: Any) -> StreamingHttpResponse:
    """Every transaction of the filtered screen."""
    wanted = PaymentFilterForm(request.GET).wanted()
    return _file(
        request,
        "transactions",
        PAYMENT_COLUMNS,
        lambda: shown_payments(payments_matching(wanted)).prefetch_related("order__offer"),
    )


def _file(request: Any, name: str, columns: Columns, rows: Callable[[], QuerySet[Any, Any]]) -> StreamingHttpResponse:
    """The answer; `?raw=1` writes keys and full instants, without guards, for machines."""
    raw = request.GET.get("raw") == "1"
    language = translation.get_language() or "en"
    export = Export(school=request.school, columns=columns, rows=rows, language=language, raw=raw)
    response = StreamingHttpResponse(_lines(export), content_type="text/csv; charset=utf-8")
    day = timezone.localtime(clock.now()).date()
    response["Content-Disposition"] = f'attachment; filename="{request.school.slug}-{name}-{day:%Y-%m-%d}.csv"'
    response["Cache-Control"] = "no-store"
    response.tenant_safe = True  # type: ignore[attr-defined]
    return response


def _lines(export: Export) -> Iterator[str]:
    """Head and rows, newest first. A slow reader holds no transaction: each piece begins behind the last row."""
    with translation.override(export.language):
        titles = head_of(export.columns, raw=export.raw)
    yield csv.head(titles, raw=export.raw)
    last: Any = None
    while True:
        found, piece = _piece(export, last)
        yield piece
        if len(found) < PIECE:
            return
        last = found[-1]


def _piece(export: Export, last: Any) -> tuple[list[Any], str]:
    with (
        school_scope(export.school),
        timezone.override(export.school.time_zone),
        translation.override(export.language),
    ):
        rows = export.rows() if last is None else export.rows().filter(behind(last))
        found = list(rows.order_by("-created_at", "-id")[:PIECE])
        cells = (cells_of(export.columns, row, raw=export.raw) for row in found)
        return found, "".join(csv.line_of(line, raw=export.raw) for line in cells)
