"""C8: Stripe's own ideas of decimals, next to those of CLDR."""

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from kwiga.money import CURRENCIES, exponent
from orders.payments.protocol import NotPossible
from orders.payments.stripe.amounts import MINIMUM_MINOR, from_stripe, to_stripe

WORLD = sorted(code for code in Locale("en").currencies if len(code) == 3)


@pytest.mark.spec("C8")
@pytest.mark.parametrize(
    ("amount_minor", "currency", "expected"),
    [
        (120_000, "UAH", 120_000),
        (1_000, "JPY", 1_000),
        (1_000, "KRW", 1_000),
        (1_999, "HUF", 1_999),
        (1_000, "ISK", 100_000),
        (1_000, "UGX", 100_000),
        (12_340, "KWD", 12_340),
        (500, "TWD", 500),
    ],
)
def test_known_sums(amount_minor, currency, expected):
    assert to_stripe(amount_minor, currency) == expected
    assert from_stripe(expected, currency) == amount_minor


@pytest.mark.spec("C8")
def test_a_tenth_of_a_fils_too_fine():
    with pytest.raises(NotPossible):
        to_stripe(12_345, "KWD")


@pytest.mark.spec("C8")
@given(st.sampled_from(WORLD), st.integers(1, 10**12))
def test_every_currency_of_the_world_comes_back_or_is_refused(currency, amount_minor):
    try:
        amount = to_stripe(amount_minor, currency)
    except NotPossible:
        assert exponent(currency) == 3 or amount_minor % 10 ** exponent(currency)
    else:
        assert from_stripe(amount, currency) == amount_minor


@pytest.mark.spec("C8")
@given(st.sampled_from(CURRENCIES), st.integers(1, 10**9))
def test_what_we_sell_in_is_taken_whole(currency, hundreds):
    """A price of whole units is possible in every currency of the store."""
    amount_minor = hundreds * 10 ** exponent(currency)
    assert from_stripe(to_stripe(amount_minor, currency), currency) == amount_minor


def test_minima_are_of_our_currencies():
    assert set(MINIMUM_MINOR) <= set(CURRENCIES)
