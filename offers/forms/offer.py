"""The shape of what a person types about an offer."""

from dataclasses import replace
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from kwiga.instants import InstantField
from kwiga.money import CURRENCIES, exponent, parse_major, to_major
from kwiga.richtext import RichTextField
from offers.forms.questions import question_forms, typed_questions
from offers.mails import PLACES
from offers.models import Offer, TermsDocument
from offers.placeholders import unknown_names
from offers.services import DocumentTerms, MailTerms, OfferTerms
from offers.services.rules import PRICE_LIMIT_MINOR, is_safe_link
from offers.tree import Node, chosen, course_tree, key_of, ticked
from schools.forms.choices import languages
from schools.models import StoredFile

_SHOWN, _REQUIRED = "shown", "required"
# Columns that the form holds under their own names.
_PLAIN = (
    "title", "summary", "description", "category", "promo_starts_at", "promo_ends_at", "allows_coupons",
    "coupon_on_promo", "opens_at", "closes_at", "open_for", "is_listed", "is_highlighted", "difference",
    "sales_start_at", "sales_end_at", "seats", "once_per_contact", "language", "thank_you_text", "thank_you_url",
)  # fmt: skip
_DEFAULTS = OfferTerms(title="", description="", price_minor=0, currency="")


def _amount() -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})


class OfferForm(forms.Form):
    """Everything about an offer but its mails, which have a page of their own."""

    title = forms.CharField(label=_("Title"), max_length=160)
    summary = forms.CharField(
        label=_("Short text"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One or two sentences for the card in the store."),
    )
    description = RichTextField(label=_("Description"), max_length=20_000, required=False)
    cover = forms.FileField(
        label=_("Cover"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text=_("A picture, wider than high."),
    )
    removes_cover = forms.BooleanField(label=_("Remove the cover"), required=False)
    category = forms.CharField(
        label=_("Category"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"list": "offer-categories", "autocomplete": "off"}),
        help_text=_("Visitors of the store choose by it."),
    )

    price = forms.CharField(label=_("Price"), max_length=20, widget=_amount(), help_text=_("0 makes it free."))
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in CURRENCIES])
    promo_price = forms.CharField(
        label=_("Promo price"),
        max_length=20,
        required=False,
        widget=_amount(),
        help_text=_("Shown beside the price, which is struck through. It ends by itself."),
    )
    promo_starts_at = InstantField(label=_("Promo from"))
    promo_ends_at = InstantField(label=_("Promo until"), is_end=True)
    allows_coupons = forms.BooleanField(label=_("Coupons can be used"), required=False)
    coupon_on_promo = forms.BooleanField(label=_("A coupon also lowers the promo price"), required=False)

    open_for = forms.IntegerField(label=_("Open for"), required=False, min_value=1, max_value=3_650)
    open_for_unit = forms.ChoiceField(label=_("Unit"), required=False, choices=Offer.Unit.choices)
    opens_at = InstantField(label=_("Opens on"), help_text=_("Empty: at once after the purchase."))
    closes_at = InstantField(label=_("Closes on"), is_end=True, help_text=_("Empty: never."))

    is_listed = forms.BooleanField(
        label=_("Show in the store"), required=False, help_text=_("Otherwise only people with the link find it.")
    )
    sales_start_at = InstantField(label=_("On sale from"))
    sales_end_at = InstantField(label=_("On sale until"), is_end=True)
    seats = forms.IntegerField(
        label=_("Seats"), required=False, min_value=1, max_value=1_000_000, help_text=_("Empty: as many as want it.")
    )
    once_per_contact = forms.BooleanField(label=_("Once per person"), required=False)

    position = forms.IntegerField(
        label=_("Order among the plans"),
        required=False,
        min_value=0,
        max_value=1_000,
        help_text=_("Plans of one course stand side by side, the lowest number first."),
    )
    is_highlighted = forms.BooleanField(label=_("Highlight among the plans"), required=False)
    difference = forms.CharField(
        label=_("What this plan gives"),
        max_length=1_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("A line for each point, such as “Feedback on every task”."),
    )

    language = forms.ChoiceField(label=_("Language"), required=False)
    guest_checkout = forms.BooleanField(
        label=_("Pay without signing in"), required=False, help_text=_("Buyers give name and email, and pay.")
    )
    phone = forms.ChoiceField(label=_("Phone"), required=False, choices=Offer.Phone.choices)
    thank_you_text = forms.CharField(
        label=_("Text after the purchase"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    thank_you_url = forms.CharField(
        label=_("Page after the purchase"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "placeholder": "https://"}),
        help_text=_("Buyers are sent there instead of our own page. Words such as {{ order.number }} are filled in."),
    )

    def __init__(
        self, data: Any = None, files: Any = None, *, offer: Offer | None = None, guest_obstacle: str = "", **more: Any
    ) -> None:
        self.offer = offer
        super().__init__(data, files, **more)
        self.questions = question_forms(data, offer)
        self._add_documents()
        self._set_language_choices()
        if guest_obstacle:
            self.fields["guest_checkout"].disabled = True
            self.fields["guest_checkout"].help_text = guest_obstacle
            self.initial["guest_checkout"] = False

    # --- Parts of the form that are made from what the school has ---

    @cached_property
    def tree(self) -> list[Node]:
        """The courses to choose from."""
        return course_tree()

    @property
    def chosen_keys(self) -> set[str]:
        """What is ticked: as sent, else as the offer says."""
        sent: Any = self.data
        if self.is_bound:
            return set(sent.getlist("items"))
        return set(self.initial.get("items", []))

    @property
    def open_courses(self) -> set[str]:
        """The courses whose parts are shown at once: those with something ticked, and the only one."""
        if len(self.tree) == 1:
            return {self.tree[0].key}
        return {course.key for course in self.tree if ticked(course, self.chosen_keys)}

    @cached_property
    def documents(self) -> list[TermsDocument]:
        """The legal documents to choose from."""
        return list(TermsDocument.objects.filter(archived_at=None).order_by("id"))

    @property
    def document_fields(self) -> list[forms.BoundField]:
        return [self[f"document_{document.pk}"] for document in self.documents]

    def _add_documents(self) -> None:
        choices = [("", _("not shown")), (_SHOWN, _("shown")), (_REQUIRED, _("must be accepted"))]
        for document in self.documents:
            field = forms.ChoiceField(label=document.name, choices=choices, required=False)
            self.fields[f"document_{document.pk}"] = field

    def _set_language_choices(self) -> None:
        field: Any = self.fields["language"]
        field.choices = [("", _("as the buyer's page")), *languages()]

    # --- Reading what was typed ---

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "currency" in data:
            self._clean_amount("price", data["currency"])
            self._clean_amount("promo_price", data["currency"])
        self._clean_items()
        for form in self.questions:
            if not form.is_valid():
                self.add_error(None, _("Look at the questions again."))
        return data

    def _clean_amount(self, name: str, currency: str) -> None:
        typed = self.cleaned_data.get(name, "")
        if not typed:
            self.cleaned_data[f"{name}_minor"] = None
            return
        try:
            amount_minor = parse_major(typed, currency)
        except ValueError:
            sentence = _("Enter an amount such as 1200 or 1200.50; %(currency)s has %(decimals)s decimals.")
            self.add_error(name, sentence % {"currency": currency, "decimals": exponent(currency)})
            return
        if not 0 <= amount_minor <= PRICE_LIMIT_MINOR:
            self.add_error(name, _("Enter an amount from 0 up to a hundred billion."))
        self.cleaned_data[f"{name}_minor"] = amount_minor

    def _clean_items(self) -> None:
        try:
            self.cleaned_data["nodes"] = chosen(self.tree, self.chosen_keys)
        except LookupError:
            self.add_error(None, _("Something you chose is no longer there. Look at what the offer opens."))

    def clean_thank_you_url(self) -> str:
        url: str = self.cleaned_data["thank_you_url"].strip()
        if url and not is_safe_link(url):
            raise forms.ValidationError(_("Enter an address that begins with https://."))
        return url

    @property
    def warnings(self) -> list[str]:
        """What can be saved and will still not do what was meant."""
        names = unknown_names(self.cleaned_data.get("thank_you_url", ""), PLACES["thank_you_url"])
        sentence = _("The page after the purchase does not know “%(name)s”: nothing will stand there.")
        return [sentence % {"name": name} for name in names]

    # --- What it says ---

    def terms(self, cover: StoredFile | None, mails: tuple[MailTerms, ...] = ()) -> OfferTerms:
        """What a valid form says, for the service."""
        data = self.cleaned_data
        return OfferTerms(
            **{name: data[name] for name in _PLAIN},
            price_minor=data["price_minor"],
            currency=data["currency"],
            promo_price_minor=data["promo_price_minor"],
            open_for_unit=data["open_for_unit"] or _DEFAULTS.open_for_unit,
            position=data["position"] or 0,
            phone=data["phone"] or _DEFAULTS.phone,
            guest_checkout=data["guest_checkout"],
            cover=cover,
            items=tuple(node.item for node in data["nodes"]),
            questions=typed_questions(self.questions),
            documents=self._typed_documents(),
            mails=mails,
        )

    def _typed_documents(self) -> tuple[DocumentTerms, ...]:
        said = {document.pk: self.cleaned_data.get(f"document_{document.pk}", "") for document in self.documents}
        return tuple(DocumentTerms(document_id=pk, is_required=word == _REQUIRED) for pk, word in said.items() if word)

    def blank(self) -> Offer:
        """What an untouched form of a new offer says."""
        return Offer(price_minor=0, currency=self.initial.get("currency") or CURRENCIES[0])

    def draft(self) -> Offer:
        """An offer that says what was typed as far as it makes sense; never saved."""
        data = self.cleaned_data
        known = {name: data[name] for name in _PLAIN if name in data}
        rest = {"price_minor": data.get("price_minor") or 0, "promo_price_minor": data.get("promo_price_minor")}
        units = {"open_for_unit": data.get("open_for_unit") or _DEFAULTS.open_for_unit}
        return Offer(
            currency=data.get("currency") or CURRENCIES[0],
            guest_checkout=data.get("guest_checkout", True),
            cover=self.offer.cover if self.offer else None,
            seats_taken=self.offer.seats_taken if self.offer else 0,
            status=self.offer.status if self.offer else Offer.Status.DRAFT,
            **(known | rest | units),
        )


def initial_of(terms: OfferTerms) -> dict[str, Any]:
    """What the form of an offer shows first."""
    documents = {f"document_{d.document_id}": _REQUIRED if d.is_required else _SHOWN for d in terms.documents}
    shown = {name: getattr(terms, name) for name in _PLAIN}
    promo = terms.promo_price_minor
    return (
        shown
        | documents
        | {
            "price": f"{to_major(terms.price_minor, terms.currency):f}",
            "currency": terms.currency,
            "promo_price": "" if promo is None else f"{to_major(promo, terms.currency):f}",
            "open_for_unit": terms.open_for_unit,
            "position": terms.position,
            "phone": terms.phone,
            "guest_checkout": terms.guest_checkout,
            "items": [key_of(item) for item in terms.items],
        }
    )


def initial_of_new(currency: str) -> dict[str, Any]:
    """What the form of a new offer shows: the defaults, in the school's currency."""
    return initial_of(replace(_DEFAULTS, currency=currency)) | {"price": ""}
