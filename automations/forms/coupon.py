"""The form of the step "Create coupon"."""

from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from automations.actions.coupons import pattern_problems, possible_codes
from automations.forms import choices
from automations.forms.parts import PartForm, Settings, number
from coupons.forms.size import CURRENCY_CHOICES, PERCENT, SizeForm, amount_input, percent_text, sum_text
from kwiga.instants import InstantField

AUTO, PATTERN = "auto", "pattern"
DAYS, UNTIL, FOREVER = "days", "until", "forever"
ALL, CHOSEN, EVENT = "all", "chosen", "event"


class CouponStepForm(PartForm, SizeForm):
    """A coupon as each run makes one of its own."""

    code = forms.ChoiceField(
        label=_("Coupon Name"),
        choices=[(AUTO, _("Twelve random signs that nobody guesses")), (PATTERN, _("After a pattern of your own"))],
        widget=forms.RadioSelect,
    )
    pattern = forms.CharField(
        label=_("Pattern"),
        max_length=64,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("Each # becomes a random sign: BDAY-######"),
    )
    maximum = forms.CharField(
        label=_("Maximum discount"),
        max_length=20,
        required=False,
        widget=amount_input(),
        help_text=_("A percentage never takes more off than this."),
    )
    sums_currency = forms.ChoiceField(label=_("Currency of this sum"), choices=CURRENCY_CHOICES, required=False)
    starts_after_days = number(
        _("Days until it can be used"), least=0, most=365, required=False, help_text=_("0: at once.")
    )
    valid = forms.ChoiceField(
        label=_("Validity"),
        choices=[
            (DAYS, _("for a number of days from then on")),
            (UNTIL, _("until a date")),
            (FOREVER, _("without an end")),
        ],
        widget=forms.RadioSelect,
    )
    valid_days = number(_("Days"), least=1, most=3650, required=False)
    valid_until = InstantField(label=_("Valid until"), is_end=True, required=False)
    personal = forms.BooleanField(
        label=_("Only this contact can use it"),
        required=False,
        help_text=_("Anybody else who tries the code is refused."),
    )
    max_uses = number(_("Total Number of Uses"), least=1, most=2_000_000_000, required=False)
    max_uses_per_contact = number(_("Number of Uses Per User"), least=1, most=2_000_000_000, required=False)
    offers = forms.ChoiceField(label=_("Offers"), widget=forms.RadioSelect)
    offer_tokens = forms.MultipleChoiceField(
        label=_("Chosen offers"),
        choices=choices.offers,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "offer-ticks"}),
    )
    comment = forms.CharField(label=_("Comment"), max_length=500, required=False)

    def __init__(
        self, data: Any = None, *, currency: str, has_offer: bool, settings: Settings | None = None, **more: Any
    ) -> None:
        super().__init__(data, settings={"sums_currency": currency} | (settings or {}), **more)
        reach = [(ALL, _("All offers that allow coupons")), (CHOSEN, _("Chosen offers"))]
        if has_offer or self.initial["offers"] == EVENT:
            reach.append((EVENT, _("The offer of the event")))
        self.fields["offers"].choices = reach  # type: ignore[attr-defined]
        for name in ("pattern", "sums_currency", "valid_days", "valid_until", "offer_tokens", "starts_after_days"):
            self.fields[name].depends = True  # type: ignore[attr-defined]

    @classmethod
    def shown(cls, settings: Settings) -> Settings:
        is_fixed = settings.get("size") == "fixed"
        currency = settings.get("currency") or settings.get("sums_currency", "")
        if is_fixed:
            size = sum_text(settings.get("amount_minor"), currency)
        else:
            size = percent_text(settings["percent_bp"]) if settings.get("percent_bp") else ""
        known = {"code": AUTO, "starts_after_days": 0, "valid": DAYS, "valid_days": 7, "personal": True, "offers": ALL}
        limits = {"max_uses": 1, "max_uses_per_contact": 1}
        return (
            known
            | limits
            | settings
            | {
                "size": size,
                "unit": currency if is_fixed else PERCENT,
                "maximum": sum_text(settings.get("maximum_minor"), currency),
                "sums_currency": currency,
                "valid_until": parse_datetime(settings.get("valid_until") or ""),
            }
        )

    def clean(self) -> Settings:
        data = super().clean() or {}
        self.read_size(data)
        self._read_maximum(data)
        for sentence in pattern_problems(data.get("pattern", "")) if data.get("code") == PATTERN else ():
            self.add_error("pattern", sentence)
        if data.get("valid") == DAYS and not data.get("valid_days") and "valid_days" not in self.errors:
            self.add_error("valid_days", _("Enter for how many days."))
        if data.get("valid") == UNTIL and not data.get("valid_until") and "valid_until" not in self.errors:
            self.add_error("valid_until", _("Enter until when."))
        if data.get("offers") == CHOSEN and not data.get("offer_tokens"):
            self.add_error("offer_tokens", _("Choose at least one offer."))
        return self.cleaned_data

    def _read_maximum(self, data: Settings) -> None:
        typed = (data.get("maximum") or "").strip()
        data["maximum_minor"] = None
        if typed and data.get("unit") == PERCENT:
            data["maximum_minor"] = self.sum_of("maximum", typed, data.get("sums_currency", ""))

    @property
    def possible(self) -> str:
        """How many codes the pattern makes, as a sentence; empty when there is none."""
        pattern = str(self["pattern"].value() or "").strip()
        if not pattern or self["code"].value() != PATTERN:
            return ""
        number_of = possible_codes(pattern)
        text = ngettext("It can make %(number)s code.", "It can make %(number)s different codes.", number_of)
        return text % {"number": f"{number_of:,}".replace(",", "\N{NO-BREAK SPACE}")}

    def settings(self) -> Settings:
        data = self.cleaned_data
        is_percent = data["unit"] == PERCENT
        has_sum = not is_percent or data["maximum_minor"]
        return {
            "code": data["code"],
            "pattern": data["pattern"].strip() if data["code"] == PATTERN else "",
            "size": "percent" if is_percent else "fixed",
            "percent_bp": data["percent_bp"],
            "amount_minor": data["amount_minor"],
            "currency": (data["sums_currency"] if is_percent else data["unit"]) if has_sum else "",
            "maximum_minor": data["maximum_minor"],
            "starts_after_days": data["starts_after_days"] or 0,
            "valid": data["valid"],
            "valid_days": data["valid_days"] if data["valid"] == DAYS else None,
            "valid_until": data["valid_until"].isoformat() if data["valid"] == UNTIL else None,
            "personal": data["personal"],
            "max_uses": data["max_uses"],
            "max_uses_per_contact": data["max_uses_per_contact"],
            "offers": data["offers"],
            "offer_tokens": data["offer_tokens"] if data["offers"] == CHOSEN else [],
            "comment": " ".join(data["comment"].split()),
        }
