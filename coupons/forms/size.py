"""The size of a discount as people type it: a percentage, or a sum in a currency."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kwiga.money import CURRENCIES, exponent, parse_major, to_major

PERCENT = "percent"
CURRENCY_CHOICES = [(code, code) for code in CURRENCIES]


def amount_input() -> forms.TextInput:
    """A field for a sum or a percentage."""
    return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})


class SizeForm(forms.Form):
    """Size and unit, for forms that make coupons."""

    size = forms.CharField(label=_("Discount Size"), max_length=20, widget=amount_input())
    unit = forms.ChoiceField(label=_("Percent or currency"), choices=[(PERCENT, "%"), *CURRENCY_CHOICES])

    def read_size(self, data: dict[str, Any]) -> None:
        """Write `percent_bp` or `amount_minor` beside what was typed; errors stand at the size."""
        typed, unit = data.get("size", ""), data.get("unit", "")
        if not (typed and unit):
            return
        data["percent_bp"] = data["amount_minor"] = None
        if unit == PERCENT:
            data["percent_bp"] = self._percent(typed)
        else:
            data["amount_minor"] = self.sum_of("size", typed, unit)

    def _percent(self, typed: str) -> int | None:
        cleaned = typed.replace("%", "").replace(",", ".").strip()
        try:
            percent_bp = Decimal(cleaned) * 100
        except InvalidOperation:
            percent_bp = Decimal(-1)
        whole = percent_bp.is_finite() and percent_bp == percent_bp.to_integral_value()
        if not whole or not 100 <= percent_bp <= 10_000:
            self.add_error("size", _("Enter a percentage from 1 to 100, with two decimals at most."))
            return None
        return int(percent_bp)

    def sum_of(self, name: str, typed: str, currency: str) -> int | None:
        """The sum typed in the field `name`, in minor units; None with an error there when it is none."""
        if not currency:
            self.add_error("sums_currency", _("Choose the currency of the sum."))
            return None
        try:
            amount_minor = parse_major(typed, currency)
        except ValueError:
            sentence = _("Enter an amount such as 500 or 500.50; %(currency)s has %(decimals)s decimals.")
            self.add_error(name, sentence % {"currency": currency, "decimals": exponent(currency)})
            return None
        if not 1 <= amount_minor <= 10**13:
            self.add_error(name, _("Enter a sum above zero."))
            return None
        return amount_minor


def percent_text(percent_bp: int | None) -> str:
    """Basis points as the field shows them: "12.5"."""
    text = f"{Decimal(percent_bp or 0) / 100:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def sum_text(amount_minor: int | None, currency: str) -> str:
    """Minor units as a field shows them: "500.50"; nothing for no sum."""
    return "" if amount_minor is None else f"{to_major(amount_minor, currency):f}"
