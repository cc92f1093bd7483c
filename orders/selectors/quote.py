"""What an offer costs somebody at an instant, and whether it can be bought: the one answer page and checkout share."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contacts.models import Contact
from offers.models import Offer


class Availability(StrEnum):
    ON_SALE = "on_sale"
    NOT_YET = "not_yet"
    ENDED = "ended"
    SOLD_OUT = "sold_out"
    DRAFT = "draft"
    ARCHIVED = "archived"


@dataclass(frozen=True, kw_only=True)
class Quote:
    """Amounts in minor units of `currency`. `list_price_minor` is struck through when `price_minor` is lower."""

    offer: Offer
    at: datetime
    currency: str
    list_price_minor: int
    price_minor: int
    subtotal_minor: int
    discount_minor: int
    total_minor: int
    promo_ends_at: datetime | None
    availability: Availability
    code: str
    coupon_message: str

    @property
    def is_free(self) -> bool:
        return self.total_minor == 0


def availability_of(offer: Offer, at: datetime) -> Availability:
    """Whether the offer can be bought at that instant; the sales window is half-open."""
    if offer.status == Offer.Status.ARCHIVED:
        return Availability.ARCHIVED
    if offer.status == Offer.Status.DRAFT:
        return Availability.DRAFT
    if offer.sales_start_at and at < offer.sales_start_at:
        return Availability.NOT_YET
    if offer.sales_end_at and at >= offer.sales_end_at:
        return Availability.ENDED
    return Availability.SOLD_OUT if offer.is_sold_out() else Availability.ON_SALE


def quote_offer(*, offer: Offer, contact: Contact | None = None, at: datetime, code: str = "") -> Quote:
    """The price at that instant (promo price included) with the code, for that contact."""
    price = offer.price_at(at)
    return Quote(
        offer=offer,
        at=at,
        currency=offer.currency,
        list_price_minor=offer.price_minor,
        price_minor=price,
        subtotal_minor=price,
        discount_minor=0,
        total_minor=price,
        promo_ends_at=offer.promo_ends_at if offer.promo_runs(at) else None,
        availability=availability_of(offer, at),
        code=code,
        coupon_message="",
    )
