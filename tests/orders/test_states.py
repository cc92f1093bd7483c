"""The table of moves: pure, and complete."""

import pytest

from orders.models import Order, Payment
from orders.states import ORDER_MOVES, PAYMENT_RANKS, order_may, payment_climbs, refunded_state


def test_every_state_is_in_the_table() -> None:
    assert set(ORDER_MOVES) == set(Order.State.values)
    assert set(PAYMENT_RANKS) == set(Payment.State.values)
    assert set().union(*ORDER_MOVES.values()) <= set(Order.State.values)


@pytest.mark.parametrize("state", Order.State.values)
def test_no_order_becomes_unpaid_or_closed_after_it_was_paid(state: str) -> None:
    if state in Order.SETTLED:
        assert not {"pending", "part_paid", "canceled", "expired", "paid"} & ORDER_MOVES[state]


def test_a_late_payment_that_is_accepted_may_pay_a_closed_order() -> None:
    assert order_may("expired", "paid") and order_may("canceled", "paid")
    assert not order_may("canceled", "pending")


def test_payments_only_climb() -> None:
    ladder = sorted(PAYMENT_RANKS, key=PAYMENT_RANKS.__getitem__)
    for low, state in enumerate(ladder):
        for high, target in enumerate(ladder):
            assert payment_climbs(state, target) == (high > low)


@pytest.mark.parametrize(
    ("refunded", "state"), [(0, "captured"), (1, "part_refunded"), (99, "part_refunded"), (100, "refunded")]
)
def test_how_much_went_back(refunded: int, state: str) -> None:
    assert refunded_state(100, refunded) == state
