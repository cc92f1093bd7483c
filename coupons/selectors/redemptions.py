"""Uses of one coupon: who, when, how much; by day, and in all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from coupons.models import Coupon, Redemption

DAYS_SHOWN = 30


@dataclass(frozen=True)
class Given:
    """What paid orders were let off, in one currency."""

    currency: str
    amount_minor: int
    times: int


def redemptions_of(coupon: Coupon) -> QuerySet[Redemption]:
    """All uses with contact and orders, in no order; a use that moved has several orders, the newest counts."""
    uses = Redemption.objects.filter(coupon=coupon).select_related("contact")
    return uses.prefetch_related("order_discounts__order")


def given_by(coupon: Coupon) -> list[Given]:
    """The discount given by confirmed uses, by currency."""
    used = Redemption.objects.filter(coupon=coupon, state=Redemption.State.CONFIRMED).order_by("currency")
    rows = used.values("currency").annotate(amount=Sum("amount_minor"), times=Count("pk"))
    return [Given(row["currency"], row["amount"], row["times"]) for row in rows]


def uses_by_day(coupon: Coupon, at: datetime) -> list[tuple[date, int]]:
    """Confirmed uses of the last thirty days, in the active time zone, days without any included."""
    today = timezone.localtime(at).date()
    first = today - timedelta(days=DAYS_SHOWN - 1)
    used = Redemption.objects.filter(
        coupon=coupon, state=Redemption.State.CONFIRMED, created_at__gte=at - timedelta(days=DAYS_SHOWN + 1)
    )
    counted = dict(
        used.annotate(day=TruncDate("confirmed_at")).order_by().values_list("day").annotate(times=Count("pk"))
    )
    return [(day, counted.get(day, 0)) for day in _days(first, today)]


def _days(first: date, last: date) -> Iterator[date]:
    for step in range((last - first).days + 1):
        yield first + timedelta(days=step)
