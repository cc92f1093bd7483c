"""What the form of a coupon promises is what a buyer pays: random coupons on random offers, previewed and bought."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coupons.models import Redemption
from coupons.services.coupons import CouponTerms, create_coupon
from coupons.summary import priced_offers
from kwiga import clock, limits
from kwiga.money import format_money, to_major
from offers.models import Offer
from orders.errors import CouponRefused, PriceChanged
from orders.models import Order, OrderDiscount
from orders.services.placing import place_order
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.offers import PublishedOfferFactory
from tests.factories.orders import checkout_of, sold_offer

CURRENCIES = st.sampled_from(["UAH", "UAH", "USD", "JPY", "KWD"])
SUMS = st.one_of(st.integers(1, 500), st.integers(1, 10**9))


@st.composite
def prices(draw: st.DrawFn) -> dict[str, Any]:
    price_minor = draw(SUMS)
    promo = draw(st.one_of(st.none(), st.none(), st.integers(0, price_minor - 1)))
    return {
        "price_minor": price_minor,
        "currency": draw(CURRENCIES),
        "promo_price_minor": promo,
        "promo_ends_at": None,
        "coupon_on_promo": draw(st.sampled_from([True, True, False])),
    }


@st.composite
def sizes(draw: st.DrawFn, price: dict[str, Any]) -> dict[str, Any]:
    """Of any size; most are in the currency of the price and of its size: others apply seldom, or make it free."""
    about = st.one_of(st.integers(1, price["price_minor"]), st.integers(1, price["price_minor"]), SUMS)
    if draw(st.booleans()):
        shape = {"kind": "percent", "percent_bp": draw(st.integers(100, 10_000))}
        shape["maximum_minor"] = draw(st.one_of(st.none(), about))
    else:
        shape = {"kind": "fixed", "amount_minor": draw(about)}
    currency = draw(CURRENCIES) if draw(st.integers(0, 4)) == 4 else price["currency"]
    minimum_minor = draw(about) if draw(st.integers(0, 3)) == 3 else None
    return {"currency": currency, "minimum_minor": minimum_minor, **shape}


@st.composite
def sales(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A coupon and an offer: what the form says of each."""
    price = draw(prices())
    return draw(sizes(price)), price


@contextmanager
def undone() -> Iterator[None]:
    """What an example writes is whole, and gone before the next."""
    with transaction.atomic():
        yield
        connection.check_constraints()
        transaction.set_rollback(True)


@pytest.fixture
def offer(school: School) -> Offer:
    return sold_offer(school)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sale=sales())
@pytest.mark.spec("COUPONS-1: the preview of the form equals what the order of a checkout takes")
def test_what_was_previewed_is_what_the_order_takes(school: School, offer: Offer, sale: Any) -> None:
    size, price = sale
    limits.forget()  # orders that cost nothing are limited for each address
    terms = CouponTerms(code="PREVIEWED", max_uses_per_contact=None, **size)
    with undone(), school_scope(school):
        Offer.objects.filter(pk=offer.pk).update(**price)
        fresh = Offer.objects.get(pk=offer.pk)
        (shown,) = priced_offers(terms, [fresh], clock.now())
        coupon = create_coupon(terms=terms, actor=None)
        order = place_order(checkout=checkout_of(fresh, code=terms.code, shown_total_minor=shown.total_minor)).order
        assert order.total_minor == shown.total_minor
        assert format_money(order.total_minor, order.currency) == shown.after
        assert Redemption.objects.filter(coupon=coupon).exists() == shown.is_lower
        given_minor = sum(OrderDiscount.objects.filter(order=order).values_list("amount_minor", flat=True))
        assert (order.discount_minor, order.subtotal_minor - order.total_minor) == (given_minor, given_minor)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sale=sales())
def test_a_total_beside_the_previewed_one_makes_no_order(school: School, offer: Offer, sale: Any) -> None:
    """The control: a checkout that believes in a smallest coin more or less is refused."""
    size, price = sale
    terms = CouponTerms(code="BESIDE", **size)
    with undone(), school_scope(school):
        Offer.objects.filter(pk=offer.pk).update(**price)
        fresh = Offer.objects.get(pk=offer.pk)
        (shown,) = priced_offers(terms, [fresh], clock.now())
        create_coupon(terms=terms, actor=None)
        for beside in (shown.total_minor + 1, shown.total_minor - 1):
            checkout = checkout_of(fresh, code="BESIDE", shown_total_minor=beside)
            with pytest.raises((CouponRefused, PriceChanged)), transaction.atomic():
                place_order(checkout=checkout)
        assert not Order.objects.exists()


@pytest.mark.spec("COUPONS-1: on the pages, the look beside the form and the page of the store")
@pytest.mark.parametrize(
    ("size", "price"),
    [
        ({"size": "10", "unit": "percent"}, {"price_minor": 19_999, "currency": "UAH"}),
        ({"size": "33", "unit": "USD"}, {"price_minor": 10_050, "currency": "USD"}),
        ({"size": "12.5", "unit": "percent"}, {"price_minor": 999, "currency": "JPY"}),
        ({"size": "50", "unit": "percent"}, {"price_minor": 1_005, "currency": "KWD", "promo_price_minor": 900}),
        ({"size": "5", "unit": "percent"}, {"price_minor": 1_000, "currency": "UAH", "promo_price_minor": 900}),
        ({"size": "1", "unit": "percent"}, {"price_minor": 10, "currency": "JPY"}),
    ],
)
def test_the_look_beside_the_form_says_what_the_page_takes(school, owner, staff, visitor, size, price):
    offer = PublishedOfferFactory(school=school, **price)
    said = size | {"code": "SPRING", "audience": "everyone", "reach": "all", "max_uses_per_contact": "1"}
    client = staff(owner)
    (shown,) = client.post("/green/coupons/look/", said).context["priced"]
    assert client.post("/green/coupons/new/", said | {"save": "live"}).status_code == 302
    page = visitor(school).get(f"/o/{offer.token}?coupon=SPRING").text
    assert f'data-total-minor="{shown.total_minor}"' in page
    assert shown.after in page, to_major(shown.total_minor, offer.currency)
