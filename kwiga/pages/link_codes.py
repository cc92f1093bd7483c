"""The code that a link carries, on pages with many prices: each card or plan shows its own where the code counts (K36).

The code is looked at once, whatever the number of prices; what it does to each is arithmetic.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contacts.models import Contact
from coupons.eligibility import Reason
from coupons.models import Coupon, CouponOffer
from coupons.selectors.examining import examine_code, preview
from kwiga.pages.code_tries import tries_of
from kwiga.pages.coupon_quote import typed_code
from offers.models import Offer

# These say something about one offer, and leave the code good for another.
_OF_THE_OFFER = frozenset(
    {
        Reason.OFFER_REFUSES,
        Reason.OTHER_OFFER,
        Reason.OTHER_CURRENCY,
        Reason.BELOW_MINIMUM,
        Reason.NOTHING_OFF,
        Reason.PROMO_IS_BETTER,
    }
)


@dataclass(frozen=True)
class LinkCode:
    """A coupon that counts for this visitor; `offers` are the chosen ones, None for all."""

    coupon: Coupon
    offers: frozenset[int] | None

    def price_of(self, offer: Offer, at: datetime) -> int:
        """What the offer costs with the code where it fits, else its own price; in minor units."""
        fits = offer.allows_coupons and (self.offers is None or offer.pk in self.offers)
        seen = preview(self.coupon, offer, at) if fits else None
        return seen.after_minor if seen and seen.refusal is None else offer.price_at(at)


def link_code(request: Any, contact: Contact | None, offers: list[Offer], page: str, at: datetime) -> LinkCode | None:
    """The code in the link, if it is one that counts for this visitor; misses are counted. Two statements at most."""
    code = typed_code(request)
    asked = next((offer for offer in offers if offer.allows_coupons and offer.price_at(at)), None)
    if not code or asked is None:
        return None
    tries = tries_of(request, contact, page)
    if tries.blocked_until():
        return None
    examined = examine_code(typed=code, offer=asked, contact=contact, at=at)
    refusal = examined.refusal
    if refusal and refusal.is_hidden:
        tries.count_miss()
    if examined.coupon is None or any(not each.passed and each.reason not in _OF_THE_OFFER for each in examined.checks):
        return None
    return LinkCode(examined.coupon, _chosen(examined.coupon))


def _chosen(coupon: Coupon) -> frozenset[int] | None:
    if coupon.for_all_offers:
        return None
    return frozenset(CouponOffer.objects.filter(coupon=coupon).values_list("offer_id", flat=True))
