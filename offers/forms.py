"""The shape of what a person types about an offer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kwiga.money import CURRENCIES, exponent, parse_major, to_major
from offers.models import Offer
from offers.services import OfferTerms

PRICE_LIMIT_MINOR = 10**13


class OfferForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=160)
    description = forms.CharField(
        label=_("Description"),
        max_length=5_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("What the buyer gets, in plain words. Empty lines make paragraphs."),
    )
    price = forms.CharField(
        label=_("Price"), max_length=20, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in CURRENCIES])

    @classmethod
    def of(cls, offer: Offer) -> "OfferForm":
        """The form with what the offer says now."""
        price = f"{to_major(offer.price_minor, offer.currency):f}"
        known = {"title": offer.title, "description": offer.description, "price": price, "currency": offer.currency}
        return cls(initial=known)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "price" in data and "currency" in data:
            self._clean_price(data["price"], data["currency"])
        return data

    def _clean_price(self, typed: str, currency: str) -> None:
        try:
            price_minor = parse_major(typed, currency)
        except ValueError:
            sentence = _("Enter an amount such as 1200 or 1200.50; %(currency)s has %(decimals)s decimals.")
            self.add_error("price", sentence % {"currency": currency, "decimals": exponent(currency)})
            return
        if not 0 <= price_minor <= PRICE_LIMIT_MINOR:
            self.add_error("price", _("Enter an amount from 0 up to a hundred billion."))
        self.cleaned_data["price_minor"] = price_minor

    def terms(self) -> OfferTerms:
        """What a valid form says, for the service."""
        data = self.cleaned_data
        return OfferTerms(
            title=data["title"],
            description=data["description"],
            price_minor=data["price_minor"],
            currency=data["currency"],
        )
