"""Money and orders over time, for charts: days, weeks (from Monday) or months of the active time zone.

Test money is left out (K06), and what was given back is taken out of the day on which it had come.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from dateutil.relativedelta import relativedelta
from django.db.models import Count, DateField, F, Q, Sum
from django.db.models.functions import Trunc
from django.utils import timezone

from orders.models import Order, Payment
from orders.selectors.lists import day_starts


class Step(StrEnum):
    """How long each part of the time is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


_LENGTHS = {
    Step.DAY: relativedelta(days=1),
    Step.WEEK: relativedelta(weeks=1),
    Step.MONTH: relativedelta(months=1),
}


@dataclass(frozen=True)
class Span:
    """From the first day to the last, both included, in steps."""

    since: date
    until: date
    step: Step

    def starts(self) -> Iterator[date]:
        """The first day of each part; a part at either end may be cut by the span."""
        day = _floor(self.since, self.step)
        while day <= self.until:
            yield day
            day += _LENGTHS[self.step]


@dataclass(frozen=True)
class Revenue:
    """Money kept in one part of the time, in minor units, and how many payments brought it."""

    starts_on: date
    amount_minor: int
    payments: int


@dataclass(frozen=True)
class Orders:
    """Checkouts submitted in one part of the time, and how many of them are paid by now."""

    starts_on: date
    placed: int
    paid: int

    @property
    def conversion(self) -> float | None:
        """The paid share from 0 to 1; None when nothing was placed."""
        return self.paid / self.placed if self.placed else None


def revenue(span: Span) -> dict[str, list[Revenue]]:
    """By currency, a row for every part of the span; money that waits for a person's review does not count yet."""
    payments = Payment.objects.captured().filter(
        is_test=False,
        needs_review_at=None,
        processed_at__gte=day_starts(span.since),
        processed_at__lt=day_starts(span.until + timedelta(days=1)),
    )
    kept = Sum(F("amount_minor") - F("refunded_minor"))
    rows = payments.values("currency", part=_part("processed_at", span)).annotate(kept=kept, payments=Count("pk"))
    by_currency: dict[str, dict[date, Revenue]] = defaultdict(dict)
    for row in rows.order_by("currency"):
        by_currency[row["currency"]][row["part"]] = Revenue(row["part"], row["kept"], row["payments"])
    return {
        currency: [parts.get(day, Revenue(day, 0, 0)) for day in span.starts()]
        for currency, parts in by_currency.items()
    }


def orders_placed(span: Span) -> list[Orders]:
    """A row for every part of the span, of orders that buyers made themselves."""
    orders = Order.objects.filter(
        source=Order.Source.CHECKOUT,
        is_test=False,
        created_at__gte=day_starts(span.since),
        created_at__lt=day_starts(span.until + timedelta(days=1)),
    )
    rows = (
        orders.values(part=_part("created_at", span))
        .annotate(placed=Count("pk"), paid=Count("pk", filter=Q(state__in=Order.SETTLED)))
        .order_by("part")
    )
    parts = {row["part"]: Orders(row["part"], row["placed"], row["paid"]) for row in rows}
    return [parts.get(day, Orders(day, 0, 0)) for day in span.starts()]


def _part(field: str, span: Span) -> Trunc:
    return Trunc(field, str(span.step), output_field=DateField(), tzinfo=timezone.get_current_timezone())


def _floor(day: date, step: Step) -> date:
    if step == Step.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if step == Step.MONTH else day
