"""What the team fills in to act on an order."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.models import Access
from kwiga.addresses import AddressField
from kwiga.money import exponent, format_money, parse_major, to_major
from orders.models import Order, Payment
from orders.payments.bank_transfer.provider import BankTransfer
from orders.payments.records.provider import Outside
from orders.selectors.lists import day_starts

VALIDITIES = [("7", _("7 days")), ("14", _("14 days")), ("30", _("30 days")), ("60", _("60 days"))]
_YES_NO = [("", _("No")), ("yes", _("Yes"))]


class AmountField(forms.CharField):
    """A sum typed in major units; cleans to minor units of `currency`, from one minor unit up to `most`."""

    def __init__(self, *, currency: str = "", most: int | None = None, **kwargs: Any) -> None:
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__(max_length=20, widget=forms.TextInput(attrs=attrs), **kwargs)
        self.currency, self.most = currency, most

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        amount_minor = self._parsed(text)
        if amount_minor < 1:
            raise forms.ValidationError(_("Enter a sum above zero."))
        if self.most is not None and amount_minor > self.most:
            most = format_money(self.most, self.currency)
            raise forms.ValidationError(_("At most %(sum)s.") % {"sum": most})
        return amount_minor

    def _parsed(self, text: str) -> int:
        try:
            return parse_major(text, self.currency)
        except ValueError as error:
            sentence = _("Enter an amount such as 1200 or 1200.50; %(currency)s has %(decimals)s decimals.")
            facts = {"currency": self.currency, "decimals": exponent(self.currency)}
            raise forms.ValidationError(sentence % facts) from error


def typed(amount_minor: int, currency: str) -> str:
    """A sum as a person would type it."""
    return f"{to_major(amount_minor, currency):f}"


class MarkPaidForm(forms.Form):
    """Money that came another way: how much, how, and what the bank statement says."""

    amount = AmountField(label=_("How much came"))
    provider = forms.ChoiceField(label=_("How"), widget=forms.RadioSelect, initial=Outside.key)
    comment = forms.CharField(
        label=_("Comment"),
        max_length=300,
        required=False,
        help_text=_("For the team, such as the number of the transfer."),
    )

    def __init__(self, data: Any, *, order: Order, due_minor: int) -> None:
        super().__init__(data, initial={"amount": typed(due_minor, order.currency), "provider": Outside.key})
        amount: Any = self.fields["amount"]
        amount.currency, amount.label = order.currency, f"{amount.label}, {order.currency}"
        provider: Any = self.fields["provider"]
        provider.choices = [(BankTransfer.key, BankTransfer.label), (Outside.key, Outside.label)]


class RefundForm(forms.Form):
    """How much goes back, why, and what becomes of access and coupon."""

    amount = AmountField(label=_("How much"))
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)
    closes_access = forms.ChoiceField(
        label=_("Close the access of this order?"),
        required=False,
        choices=_YES_NO,
        widget=forms.RadioSelect,
        initial="",
    )
    returns_coupon = forms.ChoiceField(
        label=_("Give the use of the coupon back?"),
        required=False,
        choices=_YES_NO,
        widget=forms.RadioSelect,
        initial="",
    )

    def __init__(self, data: Any, *, payment: Payment, refundable_minor: int) -> None:
        super().__init__(data, initial={"amount": typed(refundable_minor, payment.currency)})
        amount: Any = self.fields["amount"]
        amount.currency, amount.most = payment.currency, refundable_minor
        amount.label = f"{amount.label}, {payment.currency}"
        for name in ("closes_access", "returns_coupon"):
            self.fields[name].depends = True  # type: ignore[attr-defined]  # No is an answer as well
        if not payment.order.discount_minor:
            del self.fields["returns_coupon"]

    def terms(self) -> dict[str, Any]:
        """What a valid form says, for the service."""
        data = self.cleaned_data
        return {
            "amount_minor": data["amount"],
            "reason": data["reason"],
            "closes_access": data["closes_access"] == "yes",
            "returns_coupon": data.get("returns_coupon") == "yes",
        }


class CancelForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=40, required=False, help_text=_("For the team."))


class MoveForm(forms.Form):
    """Whose order it is."""

    email = AddressField(label=_("Email"), max_length=254)
    name = forms.CharField(label=_("Name"), max_length=120, required=False)

    def __init__(self, data: Any, *, order: Order) -> None:
        super().__init__(data, initial={"email": order.buyer_email, "name": order.buyer_name})
        self.fields["email"].widget.attrs |= {"autocomplete": "off", "autocapitalize": "none"}
        self.fields["name"].widget.attrs["autocomplete"] = "off"


class AccessEndForm(forms.Form):
    """The last day of an access."""

    last_day = forms.DateField(
        label=_("Open until the end of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Leave it empty to keep the access open for ever."),
    )

    def __init__(self, data: Any, *, access: Access) -> None:
        ends_at = access.ends_at and timezone.localtime(access.ends_at - timedelta(microseconds=1))
        super().__init__(data, initial={"last_day": f"{ends_at:%Y-%m-%d}" if ends_at else ""})
        self.access = access

    def ends_at(self) -> datetime | None:
        """The instant at which it closes: the midnight after the last day, in the active time zone."""
        last_day = self.cleaned_data["last_day"]
        return day_starts(last_day + timedelta(days=1)) if last_day else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("last_day") and self.ends_at() <= self.access.starts_at:  # type: ignore[operator]
            self.add_error("last_day", _("The access begins later than that."))
        return data


class LinkForm(forms.Form):
    """How long a new pay link works."""

    valid_for = forms.TypedChoiceField(label=_("The new link works for"), coerce=int, empty_value=None, required=False)

    def __init__(self, data: Any, *, order: Order) -> None:
        super().__init__(data)
        lasting = [] if order.is_dead else [("", _("as long as the one before"))]
        field: Any = self.fields["valid_for"]
        field.choices = [*lasting, *VALIDITIES]
        field.required = order.is_dead


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False, help_text=_("For the team."))


class CommentForm(forms.Form):
    text = forms.CharField(
        label=_("Comment"),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The buyer never sees it."),
    )
