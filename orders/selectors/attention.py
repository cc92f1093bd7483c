"""What waits for a person: payments that failed or do not match, and transfers to be confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from orders.models import Order, Payment
from orders.payments.registry import providers

FAILED_FOR = timedelta(days=7)
SHOWN = 5
_COUNTED = 100


@dataclass(frozen=True)
class Pile:
    """The newest payments of one sort, with their orders, and how many there are: up to 99, then `is_more`."""

    rows: Sequence[Payment]
    count: int
    is_more: bool


@dataclass(frozen=True, kw_only=True)
class Attention:
    """Everything of the open scope that waits."""

    to_review: Pile
    to_confirm: Pile
    failed: Pile

    def __bool__(self) -> bool:
        return bool(self.to_review.rows or self.to_confirm.rows or self.failed.rows)


def attention(at: datetime) -> Attention:
    """Three queries, each over an index and none over more than a hundred rows."""
    return Attention(
        to_review=_pile(Payment.objects.to_review()),
        to_confirm=_pile(transfers_to_confirm()),
        failed=_pile(failed_payments(at)),
    )


def transfers_to_confirm() -> QuerySet[Payment]:
    """Payments by a provider without a page, such as a bank transfer, of orders that still wait."""
    offline = [provider.key for provider in providers() if not provider.capabilities.online]
    return Payment.objects.filter(
        provider__in=offline, state__in=Payment.OPEN, order__state__in=[Order.State.PENDING, Order.State.PART_PAID]
    )


def failed_payments(at: datetime) -> QuerySet[Payment]:
    """Failed in the days before `at`, of orders that nobody paid since."""
    since = at - FAILED_FOR
    return Payment.objects.filter(state=Payment.State.FAILED, created_at__gte=since, order__state=Order.State.PENDING)


def _pile(payments: QuerySet[Payment]) -> Pile:
    newest = payments.select_related("order", "order__contact").order_by("-created_at", "-id")
    found = list(newest[:_COUNTED])
    return Pile(found[:SHOWN], min(len(found), _COUNTED - 1), len(found) == _COUNTED)
