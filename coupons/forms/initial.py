"""What the form of a coupon shows before anything is typed."""

from typing import Any

from coupons.forms.coupon import ALL_OFFERS, CHOSEN_OFFERS
from coupons.forms.size import PERCENT, percent_text, sum_text
from coupons.models import Coupon, CouponOffer
from coupons.services.terms import CouponTerms


def initial_of(coupon: Coupon, terms: CouponTerms) -> dict[str, Any]:
    """What the form of a coupon shows first."""
    is_percent = terms.percent_bp is not None
    offers = CouponOffer.objects.filter(coupon=coupon).values_list("offer__token", flat=True)
    return {
        "code": terms.code,
        "size": percent_text(terms.percent_bp) if is_percent else sum_text(terms.amount_minor, terms.currency),
        "unit": PERCENT if is_percent else terms.currency,
        "starts_at": terms.starts_at,
        "ends_at": terms.ends_at,
        "max_uses": terms.max_uses,
        "max_uses_per_contact": terms.max_uses_per_contact,
        "audience": terms.audience,
        "contact": coupon.contact.email if coupon.contact else "",
        "contact_list": coupon.contact_list.token if coupon.contact_list else "",
        "reach": ALL_OFFERS if terms.for_all_offers else CHOSEN_OFFERS,
        "offers": list(offers),
        "minimum": sum_text(terms.minimum_minor, terms.currency),
        "maximum": sum_text(terms.maximum_minor, terms.currency),
        "sums_currency": terms.currency,
        "comment": terms.comment,
    }


def initial_of_new(code: str, currency: str) -> dict[str, Any]:
    """What the form of a new coupon shows: unlimited in all, once per person, for everybody and all offers."""
    return {
        "code": code,
        "unit": PERCENT,
        "max_uses_per_contact": 1,
        "audience": Coupon.Audience.EVERYONE,
        "reach": ALL_OFFERS,
        "sums_currency": currency,
    }
