"""Preview, quote and arithmetic are one: what the form of a coupon shows is what the checkout takes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coupons.models import Coupon
from coupons.pricing import Line, price
from coupons.selectors.examining import discount_of, preview
from coupons.services.coupons import CouponTerms
from offers.models import Offer
from orders.selectors.quote import quote_offer
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.coupons.test_examining import reason_of
from tests.factories.coupons import CouponFactory
from tests.factories.offers import PublishedOfferFactory

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def offer(school: School) -> Offer:
    return PublishedOfferFactory(school=school)


sums = st.integers(1, 10**9)


@st.composite
def some_terms(draw: st.DrawFn) -> dict[str, Any]:
    shape: dict[str, Any] = {"kind": "fixed", "amount_minor": draw(sums)}
    if draw(st.booleans()):
        shape = {"kind": "percent", "percent_bp": draw(st.integers(100, 10_000))}
        shape["maximum_minor"] = draw(st.one_of(st.none(), sums))
    currency = draw(st.sampled_from(["UAH", "UAH", "USD", "JPY", "KWD"]))
    return {"currency": currency, "minimum_minor": draw(st.one_of(st.none(), sums)), **shape}


@st.composite
def offer_prices(draw: st.DrawFn) -> dict[str, Any]:
    price_minor = draw(st.integers(0, 10**9))
    promo = draw(st.one_of(st.none(), st.integers(0, max(0, price_minor - 1)))) if price_minor else None
    return {
        "price_minor": price_minor,
        "currency": draw(st.sampled_from(["UAH", "UAH", "USD", "JPY", "KWD"])),
        "promo_price_minor": promo,
        "promo_ends_at": draw(st.sampled_from([None, NOON, NOON + HOUR])) if promo is not None else None,
        "coupon_on_promo": draw(st.booleans()),
    }


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=some_terms(), prices=offer_prices())
def test_preview_equals_quote_equals_pricing(
    school: School, offer: Offer, fields: dict[str, Any], prices: dict[str, Any]
) -> None:
    terms = CouponTerms(code="PREVIEW1", **fields)
    for name, value in prices.items():
        setattr(offer, name, value)
    shown = preview(terms, offer, NOON)
    with school_scope(school):
        # The one row is rewritten: making 300 coupons through the service would prove nothing more.
        coupon = Coupon.objects.filter(codes__code="PREVIEW1").first()
    if coupon is None:
        coupon = CouponFactory(school=school, code="PREVIEW1")
    with school_scope(school):
        usual = {"percent_bp": None, "amount_minor": None, "maximum_minor": None}
        Coupon.objects.filter(pk=coupon.pk).update(**(usual | fields))
        quote = quote_offer(offer=offer, at=NOON, code="preview1")
    assert (shown.before_minor, shown.after_minor) == (offer.price_at(NOON), quote.total_minor)
    assert reason_of(quote) == (shown.refusal.reason if shown.refusal else None)
    if quote.coupon is not None:
        base = shown.verdict.priced.subtotal_minor
        line = quote.lines[0]
        again = price(
            [Line(key="offer", unit_minor=base, offer_id=offer.pk)], [discount_of(quote.coupon)], offer.currency
        )
        assert (quote.discount_minor, line.total_minor) == (again.discount_minor, again.total_minor)
        assert base in (offer.price_minor, offer.price_at(NOON)) and quote.total_minor < offer.price_at(NOON)
