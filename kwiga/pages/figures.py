"""How sales go, for the home of a school: revenue, orders and conversion over time, beside the time before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from babel.dates import format_date, format_skeleton
from babel.numbers import format_compact_decimal, format_percent
from dateutil.relativedelta import relativedelta
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext, to_locale
from django.utils.translation import gettext_lazy as _

from kwiga.charts import Chart, Point, chart
from kwiga.money import format_money, to_major
from orders.selectors.sales import Orders, Revenue, Span, Step, orders_placed, revenue

_PARTS = {Step.DAY: 30, Step.WEEK: 12, Step.MONTH: 12}
_LABELS: dict[Step, str | Promise] = {Step.DAY: _("30 days"), Step.WEEK: _("12 weeks"), Step.MONTH: _("12 months")}
_BEFORE: dict[Step, str | Promise] = {
    Step.DAY: _("against the 30 days before"),
    Step.WEEK: _("against the 12 weeks before"),
    Step.MONTH: _("against the 12 months before"),
}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number of the time shown, and how it differs from the same time before; empty when there was none."""

    label: str | Promise
    value: str
    change: str = ""
    trend: str = ""
    hint: str | Promise = ""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A link of a switch."""

    label: str | Promise
    address: str
    is_current: bool


@dataclass(frozen=True, kw_only=True)
class Sales:
    """All that the home says about sales; charts of one currency, figures of each."""

    figures: list[Figure]
    revenue: Chart
    orders: Chart
    conversion: Chart
    currency: str
    periods: list[Choice]
    currencies: list[Choice]


def sales_of(own_currency: str, *, by: str, currency: str) -> Sales:
    """Two queries within the open scope. `by` is a step and `currency` a code; words that mean nothing are ignored."""
    step = Step(by) if by in list(Step) else Step.DAY
    span = _double_span(step, timezone.localdate())
    money, placed = revenue(span), orders_placed(span)
    known = sorted(money, key=lambda code: code != own_currency) or [own_currency]
    shown = currency if currency in known else known[0]
    return Sales(
        figures=[*(_revenue_figure(code, money.get(code, []), step) for code in known), *_order_figures(placed, step)],
        revenue=_revenue_chart(_latter(money.get(shown) or _nothing(span)), shown, step),
        orders=_orders_chart(_latter(placed), step),
        conversion=_conversion_chart(_latter(placed), step),
        currency=shown,
        periods=[
            Choice(label=_LABELS[each], address=_address(each, shown, known), is_current=each == step) for each in Step
        ],
        currencies=[
            Choice(label=code, address=_address(step, code, known), is_current=code == shown) for code in known
        ],
    )


def _double_span(step: Step, today: date) -> Span:
    """The parts that are shown, and as many before them."""
    parts = 2 * _PARTS[step] - 1
    back: dict[Step, Any] = {
        Step.DAY: timedelta(days=parts),
        Step.WEEK: timedelta(weeks=parts),
        Step.MONTH: relativedelta(months=parts),
    }
    since: date = today - back[step]
    return Span(next(Span(since, today, step).starts()), today, step)


def _latter[Row](rows: Sequence[Row]) -> Sequence[Row]:
    return rows[len(rows) // 2 :]


def _former[Row](rows: Sequence[Row]) -> Sequence[Row]:
    return rows[: len(rows) // 2]


def _nothing(span: Span) -> list[Revenue]:
    return [Revenue(day, 0, 0) for day in span.starts()]


# --- Figures ---


def _revenue_figure(currency: str, rows: Sequence[Revenue], step: Step) -> Figure:
    now, before = (sum(row.amount_minor for row in half) for half in (_latter(rows), _former(rows)))
    return _figure(_("Revenue"), format_money(now, currency), now, before, step)


def _order_figures(rows: Sequence[Orders], step: Step) -> list[Figure]:
    now, before = (_sum_of(half) for half in (_latter(rows), _former(rows)))
    return [
        _figure(_("Orders"), str(now.placed), now.placed, before.placed, step),
        _figure(_("Paid share"), _percent(now.conversion), now.conversion or 0, before.conversion or 0, step),
    ]


def _sum_of(rows: Sequence[Orders]) -> Orders:
    first = rows[0].starts_on if rows else date.min
    return Orders(first, sum(row.placed for row in rows), sum(row.paid for row in rows))


def _figure(label: str | Promise, value: str, now: float, before: float, step: Step) -> Figure:
    if not before:
        return Figure(label=label, value=value)
    change = (now - before) / before
    text = format_percent(change, format="+#,##0%;-#,##0%", locale=_locale())
    trend = "" if round(change * 100) == 0 else "up" if change > 0 else "down"
    return Figure(label=label, value=value, change=text, trend=trend, hint=_BEFORE[step])


# --- Charts ---


def _revenue_chart(rows: Sequence[Revenue], currency: str, step: Step) -> Chart:
    points = [
        Point(_day(row.starts_on, step), float(to_major(row.amount_minor, currency)), _amount(row, currency))
        for row in rows
    ]
    return chart(points, scale_text=_compact)


def _orders_chart(rows: Sequence[Orders], step: Step) -> Chart:
    return chart([Point(_day(row.starts_on, step), row.placed, str(row.placed)) for row in rows])


def _conversion_chart(rows: Sequence[Orders], step: Step) -> Chart:
    points = [Point(_day(row.starts_on, step), 100 * (row.conversion or 0), _percent(row.conversion)) for row in rows]
    return chart(points, scale_text=lambda value: _percent(value / 100))


def _amount(row: Revenue, currency: str) -> str:
    money = format_money(row.amount_minor, currency)
    if not row.payments:
        return money
    count = ngettext("%(count)d payment", "%(count)d payments", row.payments) % {"count": row.payments}
    return f"{money} · {count}"


def _day(day: date, step: Step) -> str:
    if step == Step.MONTH:
        return str(format_date(day, "LLL yy", locale=_locale()))
    return str(format_skeleton("MMMd", day, locale=_locale()))


def _compact(value: float) -> str:
    return str(format_compact_decimal(Decimal(f"{value:g}"), locale=_locale(), fraction_digits=1))


def _percent(share: float | None) -> str:
    return "–" if share is None else str(format_percent(share, format="#,##0%", locale=_locale()))


def _address(step: Step, currency: str, known: Sequence[str]) -> str:
    return f"?by={step}" + (f"&currency={currency}" if currency != known[0] else "")


def _locale() -> str:
    return to_locale(get_language() or "en")
