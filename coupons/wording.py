"""How a coupon is called in a few words: its size."""

from decimal import Decimal

from babel.numbers import format_percent
from django.utils.translation import get_language, to_locale

from coupons.models import Coupon
from kwiga.money import format_money


def percent_text(percent_bp: int) -> str:
    """Basis points as the current language writes a percentage: "10%", "12.5%"."""
    locale = to_locale(get_language() or "en")
    return format_percent(Decimal(percent_bp) / 10_000, locale=locale, decimal_quantization=False)


def size_text(coupon: Coupon) -> str:
    """The discount: a percentage, or a sum in its currency."""
    if coupon.percent_bp is not None:
        return percent_text(coupon.percent_bp)
    return format_money(coupon.amount_minor or 0, coupon.currency)
