"""The list of coupons: what a filter means, in which orders it can be read, and what a line of it says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from coupons.codes import CodeRefused, code_key
from coupons.models import Coupon, CouponCode, CouponOffer, Redemption
from coupons.models.coupons import FOR_EVER, SUMS_FROM
from coupons.search import SEARCH_KIND
from coupons.status import Status, status_filter, status_of
from kwiga.paging import Sort
from offers.models import Offer
from schools import search

COUNT_LIMIT = 10_000
SEARCH_COUNT_LIMIT = 1_000
MADE = "made"  # by an automation or an import
# The indexes coupons_coupon_by_last and coupons_coupon_by_size are made of the same.
LAST = Coalesce("ends_at", Value(FOR_EVER))
SIZE = Coalesce("percent_bp", F("amount_minor") + SUMS_FROM)

SORTS = {
    "created": Sort("created_at"),
    "code": Sort("code_key", descending=False, kind=str),
    "ends": Sort("last", descending=False),
    "size": Sort("size", kind=int),
}


@dataclass(frozen=True, kw_only=True)
class CouponFilter:
    """What the list is narrowed to; empty fields narrow nothing, but that archived coupons have to be asked for."""

    text: str = ""
    state: str = ""
    audience: str = ""
    offer: str = ""  # its token
    author: str = ""  # the id of a user, or MADE
    use: str = ""  # "used" or "unused"


@dataclass(frozen=True)
class Uses:
    """How often a coupon was used (paid orders), and how many uses unpaid orders hold; limits count both."""

    confirmed: int = 0
    held: int = 0


@dataclass(frozen=True)
class Row:
    """A line of the list."""

    coupon: Coupon
    code: str
    status: Status
    uses: Uses
    offers: Sequence[Offer] = field(default_factory=list)


def coupons_matching(wanted: CouponFilter, at: datetime) -> QuerySet[Coupon]:
    """Coupons of the open scope that fit, in no order."""
    is_state = wanted.state in Status.values
    coupons: QuerySet[Coupon] = Coupon.objects.filter(
        status_filter(Status(wanted.state), at) if is_state else Q(archived_at=None)
    )
    if wanted.audience:
        coupons = coupons.filter(audience=wanted.audience)
    if wanted.use:
        coupons = coupons.filter(is_used=wanted.use == "used")
    if wanted.offer:
        linked = CouponOffer.objects.filter(offer__token=wanted.offer).values("coupon_id")
        coupons = coupons.filter(Q(for_all_offers=True) | Q(pk__in=linked))
    return search.matching(_by_author(coupons, wanted.author), SEARCH_KIND, wanted.text)


def coupon_with_code(typed: str) -> Coupon | None:
    """The coupon that has exactly this code, archived ones included: it stands first among what is found."""
    try:
        key = code_key(typed)
    except CodeRefused:
        return None
    return shown_coupons(Coupon.objects.filter(codes__code_key=key)).first()


def sorted_coupons(coupons: QuerySet[Coupon], sort: Sort) -> QuerySet[Coupon]:
    """The same coupons with the column that they are sorted by."""
    annotations: dict[str, Any] = {"last": LAST, "size": SIZE, "code_key": F("codes__code_key")}
    if sort.field == "code_key":
        # Every coupon has its code: said so, Postgres reads codes in their order instead of sorting all coupons.
        coupons = coupons.filter(codes__isnull=False)
    if sort.field in annotations:
        return coupons.annotate(**{sort.field: annotations[sort.field]})
    return coupons


def shown_coupons(coupons: QuerySet[Coupon]) -> QuerySet[Coupon]:
    """The same coupons with what a line of the list says, in as many queries whatever their number."""
    linked = CouponOffer.objects.select_related("offer").order_by("pk")
    related = ("contact", "contact_list", "created_by")
    codes = Prefetch("codes", CouponCode.objects.order_by("pk"))
    return coupons.select_related(*related).prefetch_related(codes, Prefetch("coupon_offers", linked))


def rows_of(coupons: Iterable[Coupon], at: datetime) -> list[Row]:
    """The lines for these coupons, which came from `shown_coupons`; one more query."""
    coupons = list(coupons)
    counted = uses_of([coupon.pk for coupon in coupons])
    return [
        Row(
            coupon,
            code_of(coupon),
            status_of(coupon, at),
            counted.get(coupon.pk, Uses()),
            [link.offer for link in coupon.coupon_offers.all()],
        )
        for coupon in coupons
    ]


def code_of(coupon: Coupon) -> str:
    """The code of an ordinary coupon, from what is prefetched."""
    return next((code.code for code in coupon.codes.all()), "")


def uses_of(coupon_ids: Sequence[int]) -> dict[int, Uses]:
    """Uses of these coupons by the ledger; one query."""
    rows = Redemption.objects.filter(coupon__in=coupon_ids).order_by().values("coupon_id")
    states = Redemption.State
    counted = rows.annotate(
        confirmed=Count("pk", filter=Q(state=states.CONFIRMED)), held=Count("pk", filter=Q(state=states.HELD))
    )
    return {row["coupon_id"]: Uses(row["confirmed"], row["held"]) for row in counted}


def _by_author(coupons: QuerySet[Coupon], author: str) -> QuerySet[Coupon]:
    if author == MADE:
        return coupons.exclude(made_by="")
    return coupons.filter(created_by=int(author)) if author.isdecimal() else coupons
