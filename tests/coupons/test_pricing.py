"""The arithmetic of discounts, rule by rule (K19)."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from coupons.pricing import Discount, Line, NotGiven, Priced, price, spread
from kwiga.money import exponent, to_minor


def percent(bp: int, **fields: Any) -> Discount:
    return Discount(**{"key": "percent", "kind": "percent", "percent_bp": bp, **fields})


def fixed(amount: int, **fields: Any) -> Discount:
    return Discount(**{"key": "fixed", "kind": "fixed", "amount_minor": amount, "currency": "UAH", **fields})


def lines_of(*prices: int) -> list[Line]:
    return [Line(key=f"line {place}", unit_minor=minor, offer_id=place) for place, minor in enumerate(prices)]


def after(lines: list[Line], *discounts: Discount, currency: str = "UAH") -> Priced:
    return price(lines, discounts, currency)


def shares(priced: Priced) -> list[int]:
    return [line.discount_minor for line in priced.lines]


def reasons(priced: Priced) -> dict[str, NotGiven]:
    return {refused.key: refused.reason for refused in priced.refused}


# --- Examples ---


@pytest.mark.spec("K19.1")
def test_ten_percent_of_199_99_are_20_00() -> None:
    priced = after(lines_of(19_999), percent(1_000))
    assert (priced.subtotal_minor, priced.discount_minor, priced.total_minor) == (19_999, 2_000, 17_999)


@pytest.mark.spec("K19.2: a fixed 500 on a 300 offer leaves 0 to pay")
def test_a_sum_takes_no_more_off_than_there_is() -> None:
    priced = after(lines_of(30_000), fixed(50_000))
    assert (priced.discount_minor, priced.total_minor) == (30_000, 0)


@pytest.mark.parametrize(
    ("price_minor", "bp", "off"),
    [
        (150, 1_500, 23),  # 22.5 up, where half-even says 22
        (10, 500, 1),  # exactly half of the smallest coin
        (9, 500, 0),
        (1_250, 1_250, 156),  # 156.25
        (100, 10_000, 100),
        (333, 3_333, 111),  # 110.9889
    ],
)
def test_half_a_coin_is_rounded_up(price_minor: int, bp: int, off: int) -> None:
    assert after(lines_of(price_minor), percent(bp)).discount_minor == off


@pytest.mark.parametrize(
    ("currency", "amount", "left"),
    [("JPY", "1999", "1799"), ("UAH", "199.99", "179.99"), ("KWD", "1.999", "1.799")],
)
def test_the_smallest_coin_is_that_of_the_currency(currency: str, amount: str, left: str) -> None:
    assert exponent(currency) in (0, 2, 3)
    priced = after(lines_of(to_minor(Decimal(amount), currency)), percent(1_000), currency=currency)
    assert priced.total_minor == to_minor(Decimal(left), currency)


def test_the_rounding_is_done_once_for_all_lines() -> None:
    """Line by line it would be 1 + 1 + 1: each half a coin up."""
    priced = after(lines_of(10, 10, 10), percent(500))
    assert priced.discount_minor == 2 and shares(priced) == [1, 1, 0]


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (10, [1, 1, 1], None),
        (1, [1, 1, 1], [1, 0, 0]),
        (2, [1, 1, 1], [1, 1, 0]),
        (100, [50, 30, 20], [50, 30, 20]),
        (5, [3, 3, 3], [2, 2, 1]),
        (3, [1, 5, 1], [1, 2, 0]),  # 3/7, 15/7, 3/7: the coin over goes to the first of the equals
        (0, [4, 4], [0, 0]),
        (0, [0, 0], [0, 0]),
        (7, [0, 7], [0, 7]),
    ],
)
def test_a_coin_over_goes_to_the_largest_remainder_and_then_to_the_earlier_line(
    amount: int, weights: list[int], parts: list[int] | None
) -> None:
    amount = min(amount, sum(weights))
    assert spread(amount, weights) == (weights if parts is None else parts)


@pytest.mark.parametrize(("maximum", "off"), [(None, 5_000), (5_001, 5_000), (5_000, 5_000), (4_999, 4_999), (1, 1)])
def test_a_percentage_stops_at_its_maximum(maximum: int | None, off: int) -> None:
    discount = percent(5_000, maximum_minor=maximum, currency="UAH")
    assert after(lines_of(10_000), discount).discount_minor == off


@pytest.mark.parametrize(("price_minor", "missing"), [(49_999, 1), (50_000, 0), (50_001, 0), (0, 50_000)])
def test_the_minimum_is_inclusive(price_minor: int, missing: int) -> None:
    priced = after(lines_of(price_minor), fixed(1_000, minimum_minor=50_000))
    assert reasons(priced) == ({"fixed": NotGiven.BELOW_MINIMUM} if missing else {})
    if missing:
        assert priced.refused[0].facts == {"minimum": 50_000, "missing": missing}


def test_the_minimum_counts_eligible_lines_at_their_original_prices() -> None:
    lines = lines_of(30_000, 90_000)
    chosen = percent(1_000, minimum_minor=50_000, currency="UAH", offer_ids=frozenset({0}))
    assert reasons(after(lines, chosen)) == {"percent": NotGiven.BELOW_MINIMUM}
    second = percent(1_000, key="second", minimum_minor=120_000, currency="UAH", rank=1)
    assert reasons(after(lines, percent(5_000), second)) == {}


@pytest.mark.spec("K23.2: a coupon for plan B on plan A")
def test_only_chosen_offers_are_lowered() -> None:
    priced = after(lines_of(10_000, 20_000), percent(1_000, offer_ids=frozenset({1})))
    assert shares(priced) == [0, 2_000] and priced.applied[0].eligible_minor == 20_000
    assert reasons(after(lines_of(10_000), percent(1_000, offer_ids=frozenset({1})))) == {
        "percent": NotGiven.OTHER_OFFER
    }


def test_fees_are_left_alone_unless_they_are_named() -> None:
    lines = [*lines_of(10_000), Line(key="fee", unit_minor=1_000, kind="fee")]
    assert shares(after(lines, percent(5_000))) == [5_000, 0]
    assert shares(after(lines, percent(5_000, names_fees=True))) == [5_000, 500]


@pytest.mark.spec("C8: a sum in UAH on a price in USD")
@pytest.mark.parametrize(
    ("discount", "fits"),
    [
        (fixed(100), False),
        (percent(1_000), True),
        (percent(1_000, currency="UAH"), True),
        (percent(1_000, currency="UAH", maximum_minor=100), False),
        (percent(1_000, currency="UAH", minimum_minor=100), False),
        (percent(1_000, currency="USD", maximum_minor=100), True),
    ],
)
def test_sums_count_in_their_currency_alone(discount: Discount, fits: bool) -> None:
    priced = after(lines_of(10_000), discount, currency="USD")
    assert reasons(priced) == ({} if fits else {discount.key: NotGiven.OTHER_CURRENCY})
    assert bool(priced.discount_minor) == fits


def test_several_are_taken_in_their_order_each_on_what_is_left() -> None:
    half, hundred = percent(5_000, rank=1), fixed(10_000, rank=2)
    assert after(lines_of(100_000), hundred, half).total_minor == 40_000
    assert after(lines_of(100_000), replace(hundred, rank=0), half).total_minor == 45_000
    same_rank = [replace(hundred, rank=1), half]
    assert after(lines_of(100_000), *same_rank).total_minor == 45_000


def test_of_a_group_the_best_alone_counts() -> None:
    small, big = percent(1_000, key="small", group="sale"), fixed(30_000, key="big", group="sale", rank=1)
    other = percent(1_000, key="other", rank=2)
    priced = after(lines_of(100_000), small, big, other)
    assert [applied.key for applied in priced.applied] == ["big", "other"]
    assert priced.total_minor == 63_000 and reasons(priced) == {"small": NotGiven.BETTER_IN_GROUP}
    assert priced.refused[0].facts == {"better": "big"}
    equal = after(lines_of(100_000), small, percent(1_000, key="twin", group="sale"))
    assert [applied.key for applied in equal.applied] == ["small"]


def test_of_a_group_one_that_does_not_count_is_no_rival() -> None:
    refused = fixed(90_000, key="foreign", currency="USD", group="sale")
    priced = after(lines_of(100_000), refused, percent(1_000, group="sale"))
    assert priced.total_minor == 90_000 and reasons(priced) == {"foreign": NotGiven.OTHER_CURRENCY}


@pytest.mark.parametrize("lines", [lines_of(0), lines_of(4)])
def test_what_takes_nothing_off_is_not_given(lines: list[Line]) -> None:
    priced = after(lines, percent(1_000))
    assert priced.applied == () and reasons(priced) == {"percent": NotGiven.NOTHING_OFF}


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "percent", "percent_bp": 10_001},
        {"kind": "percent", "percent_bp": -1},
        {"kind": "percent", "percent_bp": None},
        {"kind": "percent", "percent_bp": 1, "amount_minor": 1},
        {"kind": "fixed", "percent_bp": 1, "amount_minor": 1},
        {"kind": "fixed", "amount_minor": -1},
    ],
)
def test_no_discount_is_made_of_nonsense(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="discount"):
        Discount(key="x", **fields)


def test_no_line_is_below_zero_and_each_has_a_key_of_its_own() -> None:
    with pytest.raises(ValueError, match="below zero"):
        Line(key="x", unit_minor=-1)
    with pytest.raises(ValueError, match="key"):
        price([Line(key="x", unit_minor=1), Line(key="x", unit_minor=2)], [], "UAH")
