"""What a coupon says, as its forms, imports and automations write it down."""

from dataclasses import dataclass
from datetime import datetime

from coupons.models import Coupon


@dataclass(frozen=True, kw_only=True)
class CouponTerms:
    """All that is said about a coupon; sums in minor units of `currency`, percents in basis points.

    The instants make a half-open window. `is_draft` and `made_by` count only when a coupon is made.
    """

    code: str
    kind: str = Coupon.Kind.PERCENT
    percent_bp: int | None = None
    amount_minor: int | None = None
    currency: str = ""
    maximum_minor: int | None = None
    minimum_minor: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    max_uses: int | None = None
    max_uses_per_contact: int | None = 1
    audience: str = Coupon.Audience.EVERYONE
    contact_id: int | None = None
    contact_list_id: int | None = None
    for_all_offers: bool = True
    offer_ids: tuple[int, ...] = ()
    combines: bool = False
    comment: str = ""
    is_draft: bool = False
    made_by: str = ""


# What is written on the coupon's own row, by every change.
COLUMNS = (
    "kind",
    "percent_bp",
    "amount_minor",
    "currency",
    "maximum_minor",
    "minimum_minor",
    "starts_at",
    "ends_at",
    "max_uses",
    "max_uses_per_contact",
    "audience",
    "contact_id",
    "contact_list_id",
    "for_all_offers",
    "combines",
    "comment",
)


def terms_in(coupon: Coupon) -> CouponTerms:
    """What the coupon says now, as terms."""
    return CouponTerms(
        **{name: getattr(coupon, name) for name in COLUMNS},
        code=coupon.codes.get().code,
        offer_ids=tuple(coupon.coupon_offers.order_by("offer_id").values_list("offer_id", flat=True)),
        is_draft=coupon.is_draft,
        made_by=coupon.made_by,
    )
