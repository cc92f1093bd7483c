"""What the transactions on the screen come to, currency by currency."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Sum

from orders.models import Payment
from orders.selectors.lists import PaymentFilter, payments_matching

LONGEST = timedelta(days=92)


@dataclass(frozen=True, kw_only=True)
class Total:
    """Money that arrived in one currency, test money left out; amounts in minor units."""

    currency: str
    payments: int
    paid_minor: int
    refunded_minor: int

    @property
    def kept_minor(self) -> int:
        return self.paid_minor - self.refunded_minor


def totals_of(wanted: PaymentFilter) -> list[Total]:
    """A total for each currency, in one query; nothing unless the dates span at most 92 days.

    Sums of a longer time would read too many rows for a page.
    """
    if not (wanted.since and wanted.until and wanted.until - wanted.since < LONGEST):
        return []
    sums = (
        payments_matching(wanted)
        .filter(state__in=Payment.CAPTURED, is_test=False)
        .order_by("currency")
        .values("currency")
        .annotate(payments=Count("pk"), paid_minor=Sum("amount_minor"), refunded_minor=Sum("refunded_minor"))
    )
    return [Total(**row) for row in sums]
