"""What the lists of orders and transactions can be narrowed to. Words that mean nothing narrow nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _

from offers.models import Offer
from orders.models import Order, Payment
from orders.payments.registry import providers
from orders.selectors.lists import OrderFilter, PaymentFilter

OFFERS_SHOWN = 200
Choices = Sequence[tuple[str, str | Promise]]


@dataclass(frozen=True)
class Chip:
    """A filter that is on: what it says, and the address of the list without it."""

    label: str
    value: str
    without: str


class _FilterForm(forms.Form):
    """A GET form whose bad values are dropped; the address holds its whole state."""

    q = forms.CharField(required=False, max_length=200)
    state = forms.ChoiceField(required=False, label=_("State"))
    since = forms.DateField(required=False, label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))
    review = forms.BooleanField(required=False, label=_("Needs review"))
    test = forms.ChoiceField(
        required=False,
        label=_("Test money"),
        choices=[("", _("Shown")), ("without", _("Left out")), ("only", _("Nothing else"))],
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data, auto_id="filter_%s")
        for name, choices in self.choices().items():
            field: Any = self.fields[name]
            field.choices = [("", _("All")), *choices]
        for each in self.fields.values():
            each.depends = True  # type: ignore[attr-defined]  # nobody calls a filter optional
        self.full_clean()

    def choices(self) -> dict[str, Choices]:
        """The values of each list of choices; none of its own here."""
        return {}

    @property
    def values(self) -> dict[str, Any]:
        """The filters that are on."""
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def is_narrowed(self) -> bool:
        return bool(self.values)

    @property
    def chips(self) -> Iterator[Chip]:
        """The filters that are on, but for text and state, which have places of their own."""
        for name, value in self.values.items():
            if name not in ("q", "state"):
                yield Chip(str(self.fields[name].label), self._spoken(name, value), self.address(**{name: ""}))

    @property
    def states(self) -> list[tuple[str | Promise, str, bool]]:
        """The states as links: label, address, whether it is the one shown."""
        chosen = self.values.get("state", "")
        field: Any = self.fields["state"]
        return [(label, self.address(state=value), value == chosen) for value, label in field.choices]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a button that acts on everything that fits has to carry along."""
        return [(name, self.data[name]) for name in self.values]

    def address(self, **changes: str) -> str:
        """The query of this list with other values, on its first page."""
        query = QueryDict(mutable=True)
        query.update({name: value for name, value in ({**dict(self.kept), **changes}).items() if value})
        return f"?{query.urlencode()}"

    def _spoken(self, name: str, value: Any) -> str:
        if isinstance(value, date):
            return format_date(value, "medium", locale=to_locale(get_language() or "en"))
        return "" if value is True else str(dict(getattr(self.fields[name], "choices", []))[value])


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
