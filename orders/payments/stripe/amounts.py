"""How Stripe writes sums: not everywhere as CLDR does (trust C8; docs.stripe.com/currencies)."""

from django.utils.translation import gettext_lazy as _

from kwiga.money import exponent
from orders.payments.protocol import NotPossible

# Sums in whole units. ISK and UGX have no decimals either, but Stripe goes on taking them as if they had two.
_ZERO = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
)
_TWO_BUT_WHOLE = frozenset({"ISK", "UGX"})
# Three decimals, the last of which has to be zero.
_THREE = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])

# The least that Stripe takes, in our minor units; elsewhere its own answer decides.
MINIMUM_MINOR = {
    "USD": 50,
    "EUR": 50,
    "CHF": 50,
    "CAD": 50,
    "GBP": 30,
    "PLN": 200,
    "CZK": 1_500,
    "RON": 200,
    "HUF": 17_500,
    "JPY": 50,
}


def to_stripe(amount_minor: int, currency: str) -> int:
    """Our minor units as Stripe's integer. Raises NotPossible for a sum that Stripe cannot hold exactly."""
    shift = _exponent(currency) - exponent(currency)
    amount, rest = divmod(amount_minor * 10 ** max(shift, 0), 10 ** max(-shift, 0))
    if rest or amount % _step(currency):
        raise NotPossible(_("Stripe cannot take this sum in this currency: it has too many decimals."))
    return amount


def from_stripe(amount: int, currency: str) -> int:
    """Stripe's integer as our minor units, rounded down where Stripe is finer than the currency."""
    shift = exponent(currency) - _exponent(currency)
    return amount * 10**shift if shift >= 0 else amount // 10**-shift


def _exponent(currency: str) -> int:
    if currency in _ZERO:
        return 0
    return 3 if currency in _THREE else 2


def _step(currency: str) -> int:
    if currency in _TWO_BUT_WHOLE:
        return 100
    return 10 if currency in _THREE else 1
