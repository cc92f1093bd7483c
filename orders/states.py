"""The one table of allowed moves of orders and payments. Pure.

A payment only climbs: whatever order events come in, and however often, the highest that was seen stands (P2, P3).
"""

from orders.models import Order, Payment

_O, _P = Order.State, Payment.State

ORDER_MOVES: dict[str, frozenset[str]] = {
    _O.PENDING: frozenset({_O.PART_PAID, _O.PAID, _O.CANCELED, _O.EXPIRED}),
    _O.PART_PAID: frozenset({_O.PAID, _O.CANCELED}),
    _O.PAID: frozenset({_O.PART_REFUNDED, _O.REFUNDED}),
    _O.PART_REFUNDED: frozenset({_O.REFUNDED}),
    _O.REFUNDED: frozenset(),
    # Money that came too late, accepted by a person; an expired order may get a new link (K02).
    _O.CANCELED: frozenset({_O.PART_PAID, _O.PAID}),
    _O.EXPIRED: frozenset({_O.PENDING, _O.PART_PAID, _O.PAID}),
}

PAYMENT_RANKS: dict[str, int] = {
    _P.CREATED: 0,
    _P.PENDING: 1,
    _P.CANCELED: 2,
    _P.FAILED: 3,
    _P.CAPTURED: 4,
    _P.PART_REFUNDED: 5,
    _P.REFUNDED: 6,
}


def order_may(state: str, target: str) -> bool:
    """Whether an order in `state` may become `target`."""
    return target in ORDER_MOVES[state]


def payment_climbs(state: str, target: str) -> bool:
    """Whether `target` is news for a payment in `state`; what lies behind it already is not."""
    return PAYMENT_RANKS[target] > PAYMENT_RANKS[state]


def refunded_state(amount_minor: int, refunded_minor: int) -> str:
    """The state of captured money of which that much was given back; the words are the same for order and payment."""
    if refunded_minor <= 0:
        return _P.CAPTURED
    return _P.REFUNDED if refunded_minor >= amount_minor else _P.PART_REFUNDED
