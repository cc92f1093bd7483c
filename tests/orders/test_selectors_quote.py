"""What an offer costs at an instant, and whether it can be bought (K18)."""

from datetime import UTC, datetime, timedelta

import pytest

from offers.models import Offer
from orders.selectors.quote import Availability, availability_of, quote_offer
from schools.models import School
from schools.tenancy.scope import school_scope

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def an_offer(**fields: object) -> Offer:
    usual = {"status": Offer.Status.PUBLISHED, "price_minor": 120_000, "currency": "UAH"}
    return Offer(**(usual | fields))


@pytest.mark.spec("K18.1: the promo price ends at its instant")
@pytest.mark.parametrize(
    ("at", "price", "ends"),
    [
        (NOON - timedelta(hours=1) - INSTANT, 120_000, False),
        (NOON - timedelta(hours=1), 90_000, True),
        (NOON - INSTANT, 90_000, True),
        (NOON, 120_000, False),
        (NOON + timedelta(seconds=1), 120_000, False),
    ],
)
def test_a_promo_price_counts_from_its_start_to_its_end(at: datetime, price: int, ends: bool) -> None:
    offer = an_offer(promo_price_minor=90_000, promo_starts_at=NOON - timedelta(hours=1), promo_ends_at=NOON)
    quote = quote_offer(offer=offer, at=at)
    assert (quote.list_price_minor, quote.price_minor, quote.subtotal_minor, quote.total_minor) == (
        120_000,
        price,
        price,
        price,
    )
    assert quote.promo_ends_at == (NOON if ends else None)


def test_a_promo_price_without_an_end_goes_on() -> None:
    quote = quote_offer(offer=an_offer(promo_price_minor=0), at=NOON)
    assert (quote.total_minor, quote.is_free, quote.promo_ends_at) == (0, True, None)


@pytest.mark.parametrize("code", ["", "  "])
def test_without_a_code_nothing_is_asked_and_nothing_said(code: str) -> None:
    quote = quote_offer(offer=an_offer(), at=NOON, code=code)
    assert (quote.total_minor, quote.coupon_message, quote.refusal, quote.is_miss) == (120_000, "", None, False)


def test_an_unknown_code_lowers_nothing_and_is_not_in_the_way(school: School) -> None:
    with school_scope(school):
        quote = quote_offer(offer=an_offer(), at=NOON, code=" Spring ")
    assert (quote.code, quote.discount_minor, quote.total_minor, quote.is_miss) == (" Spring ", 0, 120_000, True)
    assert str(quote.coupon_message).startswith("This code is not valid here. Check how it is written.")


@pytest.mark.parametrize(
    ("fields", "availability"),
    [
        ({}, Availability.ON_SALE),
        ({"status": Offer.Status.DRAFT}, Availability.DRAFT),
        ({"status": Offer.Status.ARCHIVED}, Availability.ARCHIVED),
        ({"sales_start_at": NOON}, Availability.ON_SALE),
        ({"sales_start_at": NOON + INSTANT}, Availability.NOT_YET),
        ({"sales_end_at": NOON + INSTANT}, Availability.ON_SALE),
        ({"sales_end_at": NOON}, Availability.ENDED),
        ({"seats": 1}, Availability.ON_SALE),
        ({"seats": 1, "seats_taken": 1}, Availability.SOLD_OUT),
        ({"seats": 0}, Availability.SOLD_OUT),
        ({"seats": 1, "seats_taken": 1, "sales_end_at": NOON}, Availability.ENDED),
        ({"seats": 1, "seats_taken": 1, "status": Offer.Status.ARCHIVED}, Availability.ARCHIVED),
    ],
)
def test_when_it_can_be_bought(fields: dict[str, object], availability: Availability) -> None:
    offer = an_offer(**fields)
    assert availability_of(offer, NOON) == quote_offer(offer=offer, at=NOON).availability == availability
