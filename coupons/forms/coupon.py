"""The shape of what a person types about a coupon, with the names of its article."""

from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from contacts.emails import normalize_email
from contacts.models import Contact, ContactList
from coupons.forms.size import CURRENCY_CHOICES, PERCENT, SizeForm, amount_input
from coupons.models import Coupon, CouponOffer
from coupons.services.terms import CouponTerms
from kwiga.instants import InstantField
from offers.models import Offer

ALL_OFFERS, CHOSEN_OFFERS = "all", "chosen"
OFFERS_SHOWN = 200
LISTS_SHOWN = 500
# Fields of the form that a used coupon keeps, with why (P5).
LOCKED = ("code", "size", "unit", "minimum", "maximum", "sums_currency")
LOCKED_SENTENCE = _("Locked: this coupon has been used, and old orders rest on it.")
# Where a refusal of the services shows on the form.
FIELD_OF = {
    "code": "code",
    "kind": "unit",
    "percent_bp": "size",
    "amount_minor": "size",
    "currency": "sums_currency",
    "minimum_minor": "minimum",
    "maximum_minor": "maximum",
    "starts_at": "starts_at",
    "ends_at": "ends_at",
    "max_uses": "max_uses",
    "max_uses_per_contact": "max_uses_per_contact",
    "audience": "audience",
    "contact_id": "contact",
    "contact_list_id": "contact_list",
    "offer_ids": "offers",
}


class CouponForm(SizeForm):
    """Everything about a coupon. `coupon` is the one that is changed."""

    code = forms.CharField(
        label=_("Coupon Name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("This is the code customers enter. Keep the suggested one, or enter a convenient word or phrase."),
    )
    starts_at = InstantField(label=_("Valid from"), help_text=_("Empty: from now on."))
    ends_at = InstantField(
        label=_("Valid until"), is_end=True, help_text=_("A day alone ends with that day. Empty: no expiration.")
    )
    max_uses = forms.IntegerField(
        label=_("Total Number of Uses"),
        required=False,
        min_value=1,
        max_value=2_000_000_000,
        help_text=_("How often all customers together can use it. Empty: unlimited."),
    )
    max_uses_per_contact = forms.IntegerField(
        label=_("Number of Uses Per User"),
        required=False,
        min_value=1,
        max_value=2_000_000_000,
        help_text=_("How often each customer can use it. Empty: unlimited."),
    )
    audience = forms.ChoiceField(
        label=_("Available to users"), choices=Coupon.Audience.choices, widget=forms.RadioSelect
    )
    contact = forms.CharField(
        label=_("Email of the person"),
        max_length=254,
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "list": "people", "inputmode": "email", "spellcheck": "false"}
        ),
        help_text=_("Begin to type a name or an email, and choose."),
    )
    contact_list = forms.ChoiceField(label=_("Contact list"), required=False)
    new_list = forms.CharField(
        label=_("or a new list called"),
        max_length=120,
        required=False,
        help_text=_("It is made when you save; put people in afterwards."),
    )
    reach = forms.ChoiceField(
        label=_("Offers"),
        choices=[(ALL_OFFERS, _("All offers that allow coupons")), (CHOSEN_OFFERS, _("Chosen offers"))],
        widget=forms.RadioSelect,
    )
    offers = forms.MultipleChoiceField(
        label=_("Chosen offers"), required=False, widget=forms.CheckboxSelectMultiple(attrs={"class": "offer-ticks"})
    )
    minimum = forms.CharField(
        label=_("Minimum spend"),
        max_length=20,
        required=False,
        widget=amount_input(),
        help_text=_("The coupon counts from this sum on."),
    )
    maximum = forms.CharField(
        label=_("Maximum discount"),
        max_length=20,
        required=False,
        widget=amount_input(),
        help_text=_("A percentage never takes more off than this."),
    )
    sums_currency = forms.ChoiceField(label=_("Currency of these sums"), choices=CURRENCY_CHOICES, required=False)
    comment = forms.CharField(
        label=_("Comment"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("An internal note for you and your team. Customers do not see it."),
    )

    def __init__(self, data: Any = None, *, coupon: Coupon | None = None, **more: Any) -> None:
        self.coupon = coupon
        super().__init__(data, **more)
        for name in ("contact", "contact_list", "sums_currency", "offers", "new_list"):
            self.fields[name].depends = True  # type: ignore[attr-defined]
        self._set_choices()
        if self.is_locked:
            for name in LOCKED:
                self.fields[name].disabled = True
                if name in ("code", "size"):
                    self.fields[name].help_text = LOCKED_SENTENCE

    @property
    def is_locked(self) -> bool:
        return self.coupon is not None and self.coupon.is_used

    @cached_property
    def known_offers(self) -> list[Offer]:
        """The offers to choose from: those on sale first, and those that are chosen already."""
        live = Offer.objects.exclude(status=Offer.Status.ARCHIVED).defer("description")
        offers = list(live.order_by("-status", "-created_at", "-id")[:OFFERS_SHOWN])
        known = {offer.pk for offer in offers}
        if self.coupon:
            linked = CouponOffer.objects.filter(coupon=self.coupon).exclude(offer__in=known).select_related("offer")
            offers += [link.offer for link in linked]
        return offers

    def _set_choices(self) -> None:
        lists: Any = self.fields["contact_list"]
        rows = ContactList.objects.filter(archived_at=None).order_by("name", "pk")[:LISTS_SHOWN]
        lists.choices = [("", _("Choose a list")), *((row.token, row.name) for row in rows)]
        offers: Any = self.fields["offers"]
        offers.choices = [(offer.token, offer.title) for offer in self.known_offers]

    # --- Reading what was typed ---

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._refuse_forged()
        self.read_size(data)
        self._clean_sums(data)
        self._clean_audience(data)
        starts_at, ends_at = data.get("starts_at"), data.get("ends_at")
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", _("The end must come after the start."))
        return self.cleaned_data

    def _refuse_forged(self) -> None:
        """Disabled fields are not sent by a browser: what comes all the same, and differs, was forged (P5.1)."""
        for name in LOCKED if self.is_locked else ():
            if name in self.data and str(self.data[name]) != str(self.get_initial_for_field(self.fields[name], name)):
                self.add_error(name, LOCKED_SENTENCE)

    def _clean_sums(self, data: dict[str, Any]) -> None:
        unit = data.get("unit", "")
        currency = data.get("sums_currency", "") if unit == PERCENT else unit
        for name in ("minimum", "maximum"):
            typed = data.get(name, "").strip()
            data[f"{name}_minor"] = self.sum_of(name, typed, currency) if typed else None
        if unit != PERCENT:
            data["maximum_minor"] = None
        has_sums = data["minimum_minor"] or data["maximum_minor"] or unit != PERCENT
        data["currency"] = currency if has_sums else ""

    def _clean_audience(self, data: dict[str, Any]) -> None:
        data["person"] = data["group"] = None
        if data.get("audience") == Coupon.Audience.CONTACT:
            data["person"] = Contact.objects.filter(email=normalize_email(data.get("contact", ""))).first()
            if data["person"] is None:
                self.add_error("contact", _("No contact has this email. Choose somebody, or add the contact first."))
        elif data.get("audience") == Coupon.Audience.LIST and not data.get("new_list", "").strip():
            data["group"] = ContactList.objects.filter(token=data.get("contact_list", ""), archived_at=None).first()
            if data["group"] is None:
                self.add_error("contact_list", _("Choose a list, or name a new one."))

    # --- What it says ---

    @property
    def chosen_offers(self) -> list[Offer]:
        """The offers that are ticked, as far as they exist."""
        tokens = set(self.cleaned_data.get("offers") or [])
        return [offer for offer in self.known_offers if offer.token in tokens]

    def terms(self, *, new_list: ContactList | None = None, is_draft: bool = False) -> CouponTerms:
        """What a valid form says, for the services."""
        data = self.cleaned_data
        group = new_list or data.get("group")
        is_chosen = data.get("reach") == CHOSEN_OFFERS
        return CouponTerms(
            code=data["code"],
            **self.discount(),
            starts_at=data.get("starts_at"),
            ends_at=data.get("ends_at"),
            max_uses=data.get("max_uses"),
            max_uses_per_contact=data.get("max_uses_per_contact"),
            audience=data["audience"],
            contact_id=data["person"].pk if data.get("person") else None,
            contact_list_id=group.pk if group else None,
            for_all_offers=not is_chosen,
            offer_ids=tuple(offer.pk for offer in self.chosen_offers) if is_chosen else (),
            combines=self.coupon.combines if self.coupon else False,
            comment=" ".join(data.get("comment", "").split()),
            is_draft=is_draft,
        )

    def discount(self) -> dict[str, Any]:
        """The size with its conditions, as far as it makes sense."""
        data = self.cleaned_data
        is_percent = data.get("unit") == PERCENT
        return {
            "kind": Coupon.Kind.PERCENT if is_percent else Coupon.Kind.FIXED,
            "percent_bp": data.get("percent_bp"),
            "amount_minor": data.get("amount_minor"),
            "currency": data.get("currency", ""),
            "maximum_minor": data.get("maximum_minor"),
            "minimum_minor": data.get("minimum_minor"),
        }
