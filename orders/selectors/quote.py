"""What an offer costs somebody at an instant, and whether it can be bought: the one answer page and checkout share."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.functional import Promise

from contacts.models import Contact
from coupons.eligibility import Check
from coupons.models import Coupon, CouponCode
from coupons.pricing import Applied, PricedLine
from coupons.selectors.examining import Examined, examine_code, without_code
from coupons.sentences import lazy_refusal
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
    """Amounts in minor units of `currency`. `list_price_minor` is struck through when `price_minor` is lower.

    `code` is the stored spelling when the coupon applies, else what was typed. `discounts` and `lines` tell who gave
    how much of which line; the one line of an offer has the key "offer". `refusal` is the rule that says no;
    `wants_person` that saying who one is might help. `beats_promo`: the coupon gives more than the promo price, which
    is left out (`price_minor` is the list price then).
    """

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
    coupon_message: str | Promise
    coupon: Coupon | None = None
    coupon_code: CouponCode | None = None
    refusal: Check | None = None
    wants_person: bool = False
    beats_promo: bool = False
    discounts: tuple[Applied, ...] = ()
    lines: tuple[PricedLine, ...] = ()

    @property
    def is_free(self) -> bool:
        return self.total_minor == 0

    @property
    def is_miss(self) -> bool:
        """Whether the typed code may have been a guess: such tries are counted (trust C1)."""
        return self.refusal is not None and self.refusal.is_hidden


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


def quote_offer(
    *,
    offer: Offer,
    contact: Contact | None = None,
    email: str = "",
    at: datetime,
    code: str = "",
    own_orders: Collection[str] = (),
) -> Quote:
    """The price at that instant (promo price included) with the code, for that person. A code costs one statement.

    `contact` is who signed in, whose unpaid uses a new order takes over; without one `email` is what was typed and
    `own_orders` are the numbers of the orders placed in this browser.
    """
    if not code.strip():
        return _quote(offer, at, code, without_code(offer, at))
    examined = examine_code(typed=code, offer=offer, contact=contact, email=email, at=at, own_orders=own_orders)
    return _quote(offer, at, code, examined)


def _quote(offer: Offer, at: datetime, code: str, examined: Examined) -> Quote:
    priced, refusal = examined.priced, examined.refusal
    applied = examined.code if refusal is None else None
    beats_promo = applied is not None and offer.promo_runs(at) and not offer.coupon_on_promo
    return Quote(
        offer=offer,
        at=at,
        currency=offer.currency,
        list_price_minor=offer.price_minor,
        price_minor=priced.subtotal_minor,
        subtotal_minor=priced.subtotal_minor,
        discount_minor=priced.discount_minor,
        total_minor=priced.total_minor,
        promo_ends_at=offer.promo_ends_at if offer.promo_runs(at) and not beats_promo else None,
        availability=availability_of(offer, at),
        code=applied.code if applied else code,
        coupon_message=lazy_refusal(refusal, is_known=examined.person.is_known) if refusal else "",
        coupon=examined.coupon if applied else None,
        coupon_code=applied,
        refusal=refusal,
        wants_person=examined.wants_person,
        beats_promo=beats_promo,
        discounts=priced.applied,
        lines=priced.lines,
    )
