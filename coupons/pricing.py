"""The one arithmetic of discounts: quote, order, preview and mails all ask here. Pure: no database, no clock.

Amounts are integers in minor units of one currency, so the number of its decimals (0, 2 or 3) does not matter here.
A discount is rounded once, half up, on the total of its eligible lines, and then spread over them by largest remainder,
ties to the earlier line (domain.md). Splitting a line therefore never changes what one discount gives. The share
of a line lies less than a unit from its exact part, so where several discounts follow each other on different lines, a
split line may shift the later ones by that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import Any

WHOLE_BP = 10_000  # 100 % in basis points


class LineKind(StrEnum):
    ITEM = "item"
    FEE = "fee"


class DiscountKind(StrEnum):
    PERCENT = "percent"
    FIXED = "fixed"


class NotGiven(StrEnum):
    """Why a discount gives nothing."""

    OTHER_CURRENCY = "other_currency"
    OTHER_OFFER = "other_offer"
    BELOW_MINIMUM = "below_minimum"
    NOTHING_OFF = "nothing_off"  # free already, or less than half of the smallest coin
    BETTER_IN_GROUP = "better_in_group"
    REPEATED = "repeated"


@dataclass(frozen=True, kw_only=True)
class Line:
    """What is bought. Raises ValueError for a negative price or quantity."""

    key: str
    unit_minor: int
    quantity: int = 1
    offer_id: int | None = None
    kind: str = LineKind.ITEM

    def __post_init__(self) -> None:
        if self.unit_minor < 0 or self.quantity < 0:
            raise ValueError("a line is never below zero")

    @property
    def price_minor(self) -> int:
        return self.unit_minor * self.quantity


@dataclass(frozen=True, kw_only=True)
class Discount:
    """What a coupon takes off: `percent_bp` basis points of the eligible lines, at most `maximum_minor`, or a sum.

    `currency` is that of its sums (amount, maximum, minimum). `offer_ids` None means every offer. Fee lines are lowered
    only when `names_fees`. Of one `group` the best alone counts; `rank` orders those that follow each other.
    """

    key: str
    kind: str
    percent_bp: int | None = None
    amount_minor: int | None = None
    currency: str = ""
    maximum_minor: int | None = None
    minimum_minor: int | None = None
    offer_ids: frozenset[int] | None = None
    names_fees: bool = False
    group: str = ""
    rank: int = 0

    def __post_init__(self) -> None:
        if self.kind == DiscountKind.PERCENT:
            is_sized = self.percent_bp is not None and 0 <= self.percent_bp <= WHOLE_BP and self.amount_minor is None
        else:
            is_sized = self.amount_minor is not None and self.amount_minor >= 0 and self.percent_bp is None
        if not is_sized:
            raise ValueError("a discount is 0 to 100 percent or a sum")

    @property
    def has_sums(self) -> bool:
        return (self.amount_minor, self.maximum_minor, self.minimum_minor) != (None, None, None)


@dataclass(frozen=True, kw_only=True)
class PricedLine:
    key: str
    price_minor: int
    discount_minor: int

    @property
    def total_minor(self) -> int:
        return self.price_minor - self.discount_minor


@dataclass(frozen=True, kw_only=True)
class Applied:
    """A discount that was given: on what (`eligible_minor`, before any discount), how much, and each line's share."""

    key: str
    eligible_minor: int
    amount_minor: int
    shares: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class NotApplied:
    """A discount that was not given, and the facts for the sentence about it."""

    key: str
    reason: NotGiven
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Priced:
    subtotal_minor: int
    discount_minor: int
    total_minor: int
    lines: tuple[PricedLine, ...]
    applied: tuple[Applied, ...]
    refused: tuple[NotApplied, ...]


def price(lines: Sequence[Line], discounts: Iterable[Discount], currency: str) -> Priced:
    """What the lines (in `currency`) cost with the discounts, taken by rank and then as given, each on what is left.

    A key that comes twice counts once. Raises ValueError when two lines have one key.
    """
    till = _Till(lines, currency)
    for name, members in groupby(_in_order(discounts), key=lambda discount: discount.group):
        if name:
            till.take_best(list(members))
        else:
            for discount in members:
                till.take_best([discount])
    return till.result()


def fits_currency(discount: Discount, currency: str) -> bool:
    """Whether the sums of the discount are in that currency; a bare percentage fits all."""
    return not discount.has_sums or discount.currency == currency


def eligible_lines(discount: Discount, lines: Iterable[Line]) -> list[Line]:
    """The lines a discount may lower, whatever they cost."""
    return [
        line
        for line in lines
        if (discount.names_fees or line.kind != LineKind.FEE)
        and (discount.offer_ids is None or line.offer_id in discount.offer_ids)
    ]


def missing_minor(discount: Discount, lines: Iterable[Line]) -> int:
    """How much the eligible lines cost too little for the minimum, on their original prices; 0 when they reach it."""
    original = sum(line.price_minor for line in eligible_lines(discount, lines))
    return max(0, (discount.minimum_minor or 0) - original)


def size_of(discount: Discount, eligible_minor: int) -> int:
    """What the discount takes off that sum: rounded once, half up, at most its maximum and the sum itself."""
    if discount.percent_bp is None:
        return min(discount.amount_minor or 0, eligible_minor)
    part = (2 * eligible_minor * discount.percent_bp + WHOLE_BP) // (2 * WHOLE_BP)
    return min(part, eligible_minor, eligible_minor if discount.maximum_minor is None else discount.maximum_minor)


def spread(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """The amount in parts as the weights are, by largest remainder, ties to the earlier; no part above its weight.

    `amount_minor` is at most the sum of the weights.
    """
    whole = sum(weights)
    if not whole:
        return [0 for _weight in weights]
    parts = [amount_minor * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: -(amount_minor * weights[place] % whole))
    for place in by_remainder[: amount_minor - sum(parts)]:
        parts[place] += 1
    return parts


def _in_order(discounts: Iterable[Discount]) -> list[Discount]:
    """By rank; the members of a group stand together, at the place of their first."""
    ranked = sorted(discounts, key=lambda discount: discount.rank)
    places: dict[str, int] = {}
    for place, discount in enumerate(ranked):
        if discount.group:
            places.setdefault(discount.group, place)
    order = sorted(enumerate(ranked), key=lambda pair: (places.get(pair[1].group, pair[0]), pair[0]))
    return [discount for _place, discount in order]


class _Till:
    """What is left of each line while discounts are taken off one after another."""

    def __init__(self, lines: Sequence[Line], currency: str) -> None:
        self._lines, self._currency = lines, currency
        self._left = {line.key: line.price_minor for line in lines}
        if len(self._left) != len(lines):
            raise ValueError("each line has a key of its own")
        self._applied: list[Applied] = []
        self._refused: list[NotApplied] = []
        self._seen: set[str] = set()

    def take_best(self, discounts: list[Discount]) -> None:
        """Take off the one that gives most now (the earlier of equals), and refuse the others."""
        offered = [(self._size(discount), discount) for discount in discounts if self._may_count(discount)]
        if not offered:
            return
        _best_size, best = max(offered, key=lambda pair: pair[0])
        for size, discount in offered:
            if size == 0:
                self._refuse(discount, NotGiven.NOTHING_OFF)
            elif discount is best:
                self._take(discount, size)
            else:
                self._refuse(discount, NotGiven.BETTER_IN_GROUP, better=best.key)

    def result(self) -> Priced:
        lines = tuple(
            PricedLine(
                key=line.key,
                price_minor=line.price_minor,
                discount_minor=line.price_minor - self._left[line.key],
            )
            for line in self._lines
        )
        subtotal, total = sum(line.price_minor for line in lines), sum(self._left.values())
        return Priced(
            subtotal_minor=subtotal,
            discount_minor=subtotal - total,
            total_minor=total,
            lines=lines,
            applied=tuple(self._applied),
            refused=tuple(self._refused),
        )

    def _may_count(self, discount: Discount) -> bool:
        if discount.key in self._seen:
            self._refuse(discount, NotGiven.REPEATED)
        elif not fits_currency(discount, self._currency):
            self._refuse(discount, NotGiven.OTHER_CURRENCY, currency=discount.currency, wanted=self._currency)
        elif not eligible_lines(discount, self._lines):
            self._refuse(discount, NotGiven.OTHER_OFFER)
        elif missing := missing_minor(discount, self._lines):
            self._refuse(discount, NotGiven.BELOW_MINIMUM, minimum=discount.minimum_minor, missing=missing)
        else:
            self._seen.add(discount.key)
            return True
        return False

    def _size(self, discount: Discount) -> int:
        return size_of(discount, sum(self._left[line.key] for line in eligible_lines(discount, self._lines)))

    def _take(self, discount: Discount, size: int) -> None:
        eligible = eligible_lines(discount, self._lines)
        parts = spread(size, [self._left[line.key] for line in eligible])
        for line, part in zip(eligible, parts, strict=True):
            self._left[line.key] -= part
        shares = {line.key: part for line, part in zip(eligible, parts, strict=True)}
        original = sum(line.price_minor for line in eligible)
        self._applied.append(Applied(key=discount.key, eligible_minor=original, amount_minor=size, shares=shares))

    def _refuse(self, discount: Discount, reason: NotGiven, **facts: Any) -> None:
        self._refused.append(NotApplied(key=discount.key, reason=reason, facts=facts))
