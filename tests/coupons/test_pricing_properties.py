"""What holds for all prices and discounts: parts add up, nothing is below zero, more is never less (trust C7)."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coupons.pricing import Discount, Line, NotGiven, spread
from tests.coupons.test_pricing import after, fixed, lines_of, percent

HIGHEST = 10**12
offers = st.one_of(st.none(), st.frozensets(st.integers(0, 4), max_size=4))
sums = st.integers(0, HIGHEST)
maybe_sums = st.one_of(st.none(), sums)


@st.composite
def some_lines(draw: st.DrawFn, smallest: int = 0) -> list[Line]:
    count = draw(st.integers(1, 6))
    return [
        Line(
            key=f"line {place}",
            unit_minor=draw(st.integers(smallest, HIGHEST)),
            quantity=draw(st.integers(1, 3)),
            offer_id=draw(st.integers(0, 4)),
            kind=draw(st.sampled_from(["item", "item", "fee"])),
        )
        for place in range(count)
    ]


@st.composite
def a_discount(draw: st.DrawFn, **fixed_fields: Any) -> Discount:
    shape: dict[str, Any] = {"kind": "fixed", "amount_minor": draw(sums)}
    if draw(st.booleans()):
        shape = {"kind": "percent", "percent_bp": draw(st.integers(0, 10_000)), "maximum_minor": draw(maybe_sums)}
    fields = {
        "key": draw(st.uuids()).hex,
        "currency": draw(st.sampled_from(["UAH", "UAH", "USD"])),
        "minimum_minor": draw(maybe_sums),
        "offer_ids": draw(offers),
        "names_fees": draw(st.booleans()),
        "group": draw(st.sampled_from(["", "", "a", "b"])),
        "rank": draw(st.integers(0, 3)),
    }
    return Discount(**(fields | shape | fixed_fields))


some_discounts = st.lists(a_discount(), max_size=5)


@pytest.mark.spec("C7")
@given(some_lines(), some_discounts)
def test_parts_add_up_and_nothing_is_below_zero(lines: list[Line], discounts: list[Discount]) -> None:
    priced = after(lines, *discounts)
    assert priced.subtotal_minor == sum(line.unit_minor * line.quantity for line in lines)
    assert 0 <= priced.total_minor == priced.subtotal_minor - priced.discount_minor <= priced.subtotal_minor
    assert sum(applied.amount_minor for applied in priced.applied) == priced.discount_minor
    for line in priced.lines:
        assert 0 <= line.discount_minor <= line.price_minor
        assert line.discount_minor == sum(applied.shares.get(line.key, 0) for applied in priced.applied)
    for applied in priced.applied:
        assert sum(applied.shares.values()) == applied.amount_minor > 0
        assert min(applied.shares.values()) >= 0
    given_or_not = [applied.key for applied in priced.applied] + [refused.key for refused in priced.refused]
    assert sorted(given_or_not) == sorted(discount.key for discount in discounts)


@given(some_lines(), a_discount(), st.integers(0, HIGHEST))
def test_a_dearer_line_never_costs_less(lines: list[Line], discount: Discount, more: int) -> None:
    """But for the minimum: reaching it may well make the whole cheaper."""
    discount = replace(discount, minimum_minor=None)
    dearer = [replace(lines[0], unit_minor=lines[0].unit_minor + more), *lines[1:]]
    assert after(lines, discount).total_minor <= after(dearer, discount).total_minor


@given(some_lines(), st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_higher_percentage_never_gives_less(lines: list[Line], one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert after(lines, percent(low)).discount_minor <= after(lines, percent(high)).discount_minor


@given(some_lines(), sums, sums)
def test_a_larger_sum_never_gives_less(lines: list[Line], one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert after(lines, fixed(low)).discount_minor <= after(lines, fixed(high)).discount_minor


@pytest.mark.spec("C7: applying twice is applying once")
@given(some_lines(), some_discounts)
def test_the_same_discount_twice_counts_once(lines: list[Line], discounts: list[Discount]) -> None:
    once, twice = after(lines, *discounts), after(lines, *discounts, *discounts)
    assert (twice.lines, twice.applied) == (once.lines, once.applied)
    assert {refused.reason for refused in twice.refused} <= {refused.reason for refused in once.refused} | {
        NotGiven.REPEATED
    }
    assert after(lines, *discounts) == once


@given(some_lines(), a_discount(), st.randoms())
def test_the_order_of_lines_changes_no_total(lines: list[Line], discount: Discount, random: Any) -> None:
    shuffled = list(lines)
    random.shuffle(shuffled)
    one, other = after(lines, discount), after(shuffled, discount)
    assert (one.total_minor, one.discount_minor) == (other.total_minor, other.discount_minor)


@given(some_lines(), some_discounts, st.randoms())
def test_the_order_of_lines_changes_no_total_of_several_discounts_on_all_of_them(
    lines: list[Line], discounts: list[Discount], random: Any
) -> None:
    """On some lines only, which of two equal ones got the coin over may matter to the next discount."""
    everywhere = [replace(discount, offer_ids=None, names_fees=True) for discount in discounts]
    shuffled = list(lines)
    random.shuffle(shuffled)
    assert after(lines, *everywhere).total_minor == after(shuffled, *everywhere).total_minor


@given(some_lines(smallest=2), a_discount(), st.data())
def test_a_line_in_two_parts_costs_the_same(lines: list[Line], discount: Discount, data: st.DataObject) -> None:
    whole = replace(lines[0], unit_minor=lines[0].unit_minor * lines[0].quantity, quantity=1)
    cut = data.draw(st.integers(1, whole.unit_minor - 1))
    halves = [replace(whole, unit_minor=cut), replace(whole, key="other half", unit_minor=whole.unit_minor - cut)]
    one, other = after([whole, *lines[1:]], discount), after([*halves, *lines[1:]], discount)
    assert one.total_minor == other.total_minor
    together = other.lines[0].discount_minor + other.lines[1].discount_minor
    # Each share lies less than a coin from its exact part: two halves and the whole are three shares.
    assert abs(together - one.lines[0].discount_minor) < 3


@given(st.integers(0, HIGHEST), st.integers(0, 10_000))
def test_the_rounding_is_that_of_decimal_half_up(price_minor: int, bp: int) -> None:
    exact = (Decimal(price_minor) * bp / 10_000).quantize(Decimal(1), ROUND_HALF_UP)
    assert after(lines_of(price_minor), percent(bp)).discount_minor == int(exact)


@given(st.lists(sums, min_size=1, max_size=8), st.data())
def test_parts_are_near_to_what_is_exact(weights: list[int], data: st.DataObject) -> None:
    assume(sum(weights))
    amount = data.draw(st.integers(0, sum(weights)))
    parts = spread(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert part <= weight and abs(part * sum(weights) - amount * weight) < sum(weights)
