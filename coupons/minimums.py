"""The smallest sum a way to pay takes, by currency: the app of payments says it, the form of a coupon warns of less."""

from collections.abc import Callable

Finder = Callable[[str], int | None]
_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Ask `finder(currency)` for the smallest sum in minor units, None for no such limit; twice is once."""
    if finder not in _finders:
        _finders.append(finder)


def smallest_sum(currency: str) -> int | None:
    """The smallest sum that can be paid in the currency, None when any can."""
    found = [least for finder in _finders if (least := finder(currency)) is not None]
    return max(found, default=None)
