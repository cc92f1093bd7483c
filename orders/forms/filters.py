"""What the lists of orders and transactions can be narrowed to. Words that mean nothing narrow nothing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kwiga.filter_form import Choices, FilterForm
from offers.models import Offer
from orders.models import Order, Payment
from orders.payments.registry import providers
from orders.selectors.lists import OrderFilter, PaymentFilter

OFFERS_SHOWN = 200


class _FilterForm(FilterForm):
    """What both lists can be narrowed to."""

    state = forms.ChoiceField(required=False, label=_("State"))
    since = forms.DateField(required=False, label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))
    review = forms.BooleanField(required=False, label=_("Needs review"))
    test = forms.ChoiceField(
        required=False,
        label=_("Test money"),
        choices=[("", _("Shown")), ("without", _("Left out")), ("only", _("Nothing else"))],
    )


class OrderFilterForm(_FilterForm):
    """Filters of the list of orders."""

    offer = forms.ChoiceField(required=False, label=_("Offer"))
    source = forms.ChoiceField(required=False, label=_("Source"))

    def choices(self) -> dict[str, Choices]:
        offers = Offer.objects.newest_first().values_list("token", "title")[:OFFERS_SHOWN]
        return {"state": Order.State.choices, "source": Order.Source.choices, "offer": list(offers)}

    def wanted(self) -> OrderFilter:
        """The filter that the valid fields make."""
        return OrderFilter(**_renamed(self.values))


class PaymentFilterForm(_FilterForm):
    """Filters of the list of transactions."""

    provider = forms.ChoiceField(required=False, label=_("Provider"))

    def choices(self) -> dict[str, Choices]:
        known = [(provider.key, provider.label) for provider in providers()]
        return {"state": Payment.State.choices, "provider": known}

    def wanted(self) -> PaymentFilter:
        """The filter that the valid fields make."""
        return PaymentFilter(**_renamed(self.values))


def _renamed(values: dict[str, Any]) -> dict[str, Any]:
    return {"text" if name == "q" else name: value for name, value in values.items()}
