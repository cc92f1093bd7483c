"""The lists of orders and transactions: what a filter means, and how many rows fit it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from kwiga.paging import Count, count_up_to
from orders.models import Order, Payment
from orders.models.orders import OrderQuerySet
from orders.models.payments import PaymentQuerySet
from schools import search

COUNT_LIMIT = 10_000
SEARCH_COUNT_LIMIT = 1_000  # looking each row's words up costs more
# Up to so many hits of a word the rows are fetched by them; of more, enough lie among the newest rows.
_TOKEN_LENGTH = 12


@dataclass(frozen=True, kw_only=True)
class OrderFilter:
    """What a list of orders is narrowed to; empty fields narrow nothing. Days are days of the active time zone."""

    text: str = ""
    state: str = ""
    offer: str = ""  # its token
    source: str = ""
    since: date | None = None
    until: date | None = None  # the last day that counts
    review: bool = False  # has a payment that waits for a person
    test: str = ""  # "only" or "without"


@dataclass(frozen=True, kw_only=True)
class PaymentFilter:
    """The same for transactions."""

    text: str = ""
    state: str = ""
    provider: str = ""
    since: date | None = None
    until: date | None = None
    review: bool = False
    test: str = ""


def orders_matching(wanted: OrderFilter) -> OrderQuerySet:
    """Orders of the open scope that fit, in no order; each condition has an index that begins with the school."""
    orders = _between(Order.objects.all(), wanted.since, wanted.until)
    exact = {"state": wanted.state, "offer__token": wanted.offer, "source": wanted.source}
    orders = orders.filter(**{field: value for field, value in exact.items() if value})
    if wanted.test:
        orders = orders.filter(is_test=wanted.test == "only")
    if wanted.review:
        orders = orders.filter(pk__in=Payment.objects.to_review().values("order_id"))
    return search.matching(orders, "order", wanted.text)


def chosen_orders(numbers: Sequence[str]) -> OrderQuerySet:
    """The orders with these numbers."""
    return Order.objects.filter(number__in=numbers)


def payments_matching(wanted: PaymentFilter) -> PaymentQuerySet:
    """Transactions of the open scope that fit; the text is an order's number, an email, a name or their own number."""
    payments = _between(Payment.objects.all(), wanted.since, wanted.until)
    exact = {"state": wanted.state, "provider": wanted.provider}
    payments = payments.filter(**{field: value for field, value in exact.items() if value})
    if wanted.test:
        payments = payments.filter(is_test=wanted.test == "only")
    if wanted.review:
        payments = payments.to_review()
    typed = wanted.text.strip()
    if len(typed) == _TOKEN_LENGTH and Payment.objects.filter(token=typed).exists():
        return payments.filter(token=typed)
    return search.matching(payments, "order", typed, "order_id")


def shown_orders(orders: QuerySet[Order]) -> QuerySet[Order]:
    """The same orders with what a line of the list says: buyer, offer, and whether a payment waits for a person."""
    waiting = Payment.objects.to_review().filter(order=OuterRef("pk"))
    return orders.prefetch_related("contact", "offer").annotate(needs_review=Exists(waiting))


def shown_payments(payments: QuerySet[Payment]) -> QuerySet[Payment]:
    """The same transactions with what a line of the list says."""
    return payments.prefetch_related("order__contact")


def bounded_count(rows: QuerySet[Any, Any], *, text: str = "") -> Count:
    """Count no further than a limit, so that the largest list costs as little as a middling one.

    `text` is what the rows were searched by.
    """
    return count_up_to(rows, SEARCH_COUNT_LIMIT if text.strip() else COUNT_LIMIT)


def day_starts(day: date) -> datetime:
    """The instant at which a day begins in the active time zone."""
    zone: ZoneInfo | Any = timezone.get_current_timezone()
    return datetime.combine(day, time.min, tzinfo=zone)


def _between[Rows: QuerySet[Any, Any]](rows: Rows, since: date | None, until: date | None) -> Rows:
    if since:
        rows = rows.filter(created_at__gte=day_starts(since))
    if until:
        rows = rows.filter(created_at__lt=day_starts(until + timedelta(days=1)))
    return rows
