"""Money: integers in minor units with an ISO currency beside them; exponents and formats from CLDR (Babel)."""

import re
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_currency, get_currency_precision
from django.utils.translation import get_language, to_locale

# What a school may sell in; each is a currency of CLDR.
CURRENCIES = ("UAH", "PLN", "EUR", "USD", "GBP", "CZK", "HUF", "RON", "MDL", "GEL", "KZT", "CHF", "CAD", "JPY", "KWD")


def exponent(currency: str) -> int:
    """Decimal places of the currency: 2 for UAH, 0 for JPY, 3 for KWD."""
    return get_currency_precision(currency)


def to_minor(amount: Decimal, currency: str) -> int:
    """Major units as an integer of minor units.

    Raises ValueError when the amount has more decimals than the currency.
    """
    scaled = amount.scaleb(exponent(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{currency} has {exponent(currency)} decimals")
    return int(scaled)


def to_major(amount_minor: int, currency: str) -> Decimal:
    """Minor units as an exact decimal of major units."""
    return Decimal(amount_minor).scaleb(-exponent(currency))


def parse_major(text: str, currency: str) -> int:
    """What a person typed ("1 200,50") as minor units, zero or more. Raises ValueError for anything else."""
    cleaned = re.sub(r"\s", "", text).replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]+)?", cleaned):
        raise ValueError(text)
    return to_minor(Decimal(cleaned), currency)


def format_money(amount_minor: int, currency: str) -> str:
    """The sum as the current language writes it, whole sums without decimals: "UAH 1,200", uk "1 200 ₴"."""
    return _written(amount_minor, currency, to_locale(get_language() or "en"))


@lru_cache(maxsize=4096)
def _written(amount_minor: int, currency: str, locale: str) -> str:
    amount = to_major(amount_minor, currency)
    pattern: str = Locale.parse(locale).currency_formats["standard"].pattern
    if amount == amount.to_integral_value():
        pattern = pattern.replace("0.00", "0")
    else:
        pattern = pattern.replace("0.00", "0." + "0" * exponent(currency))
    text = format_currency(amount, currency, locale=locale, format=pattern, currency_digits=False)
    # CLDR puts a space between a letter of the currency and a digit; Babel leaves it out.
    return re.sub(r"(?<=[^\W\d_])(?=[\d-])", "\N{NO-BREAK SPACE}", text)
