"""An order that the team makes for one person."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from contacts.services.people import recognize_contact
from courses.models import Access, AccessWindow
from courses.services.access import Part
from kwiga import clock
from kwiga.addresses import AddressField
from kwiga.money import CURRENCIES, exponent, parse_major
from offers.models import Offer
from orders.forms.actions import VALIDITIES
from orders.models import OrderLine
from orders.selectors.choices import course_trees, offers_to_give, people_found
from orders.selectors.lists import day_starts
from orders.services.manual import ManualOrder
from schools.models import School

OFFER, OWN = "offer", "own"
AS_OFFERED, FOR_EVER, FOR_A_TIME, UNTIL = "offer", "ever", "time", "until"
PRICE_LIMIT_MINOR = 10**13
# Asked for or not by what else is chosen; nobody calls them optional.
DEPENDENT = ("email", "offer", "title", "parts", "valid_for", "open_for", "open_for_unit", "last_day", "choice")
_BESIDE = {
    "extend": _("Extend it: the new time begins when the old one ends"),
    "replace": _("Replace it: the old access is closed"),
    "anyway": _("Give it anyway: both count"),
}


class ManualOrderForm(forms.Form):
    """Who, what, for how much, how long, and why."""

    who = forms.CharField(label=_("Find a person"), required=False, max_length=100)
    contact = forms.CharField(required=False, max_length=12)
    email = AddressField(label=_("Email"), required=False, max_length=254)
    name = forms.CharField(label=_("Name"), required=False, max_length=120)
    what = forms.ChoiceField(
        label=_("What they get"),
        choices=[(OFFER, _("An offer")), (OWN, _("A choice of courses, modules and lessons"))],
        widget=forms.RadioSelect,
        initial=OFFER,
    )
    offer = forms.ChoiceField(label=_("Offer"), required=False)
    title = forms.CharField(label=_("Title of the order"), required=False, max_length=160)
    parts = forms.MultipleChoiceField(label=_("What it opens"), required=False)
    price = forms.CharField(
        label=_("Price"), required=False, max_length=20, help_text=_("Leave it empty to give it for free.")
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in CURRENCIES])
    valid_for = forms.TypedChoiceField(
        label=_("The pay link works for"),
        coerce=int,
        required=False,
        empty_value=None,
        choices=VALIDITIES,
    )
    window = forms.ChoiceField(
        label=_("Open"),
        choices=[
            (AS_OFFERED, _("as long as the offer says")),
            (FOR_EVER, _("for ever")),
            (FOR_A_TIME, _("for a time")),
            (UNTIL, _("until a day")),
        ],
        initial=AS_OFFERED,
    )
    open_for = forms.IntegerField(label=_("How long"), required=False, min_value=1, max_value=3_650)
    open_for_unit = forms.ChoiceField(label=_("Unit"), choices=AccessWindow.Unit.choices, required=False)
    last_day = forms.DateField(label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label=_("Reason"), required=False, max_length=300, help_text=_("For the team."))
    send_mail = forms.BooleanField(label=_("Send a mail about the access"), required=False, initial=True)
    choice = forms.ChoiceField(
        label=_("They can open it already. What now?"),
        choices=list(_BESIDE.items()),
        widget=forms.RadioSelect,
        required=False,
    )
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, school: School, contact: str = "") -> None:
        known = {"currency": school.currency, "contact": contact, "key": secrets.token_urlsafe(24)}
        super().__init__(data, initial=known)
        self.asks_beside = bool(data and data.get("choice"))
        self.open_already: Sequence[Access] = ()
        self.trees, self.offers = course_trees(), {offer.token: offer for offer in offers_to_give()}
        self.pieces = {piece.value: piece for tree in self.trees for piece in tree.pieces()}
        offer, parts, price = (self.fields[name] for name in ("offer", "parts", "price"))
        offer.choices = [("", _("Choose an offer")), *((key, each.title) for key, each in self.offers.items())]  # type: ignore[attr-defined]
        parts.choices = [(value, piece.title) for value, piece in self.pieces.items()]  # type: ignore[attr-defined]
        price.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}
        for name in DEPENDENT:
            self.fields[name].depends = True  # type: ignore[attr-defined]
        for name in ("who", "email", "name"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    @property
    def people(self) -> list[Contact]:
        """The person who is picked, then those whom the typed words find."""
        picked = Contact.objects.filter(token=self["contact"].value() or "").first()
        found = people_found(self["who"].value() or "")
        return [picked, *(person for person in found if person != picked)] if picked else found

    @property
    def ticked(self) -> list[str]:
        return self["parts"].value() or []

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._clean_person(data)
        self._clean_what(data)
        self._clean_price(data)
        self._clean_window(data)
        return data

    def _clean_person(self, data: dict[str, Any]) -> None:
        data["person"] = Contact.objects.filter(token=data.get("contact") or "").first()
        if data["person"] is None and not data.get("email") and "email" not in self.errors:
            self.add_error("email", _("Pick a person, or write the email of a new one."))

    def _clean_what(self, data: dict[str, Any]) -> None:
        if data.get("what") == OFFER and not data.get("offer"):
            self.add_error("offer", _("Choose an offer."))
        if data.get("what") == OWN:
            if not data.get("title"):
                self.add_error("title", _("Give the order a title: the person reads it."))
            if not data.get("parts"):
                self.add_error("parts", _("Choose at least one course, module or lesson."))

    def _clean_price(self, data: dict[str, Any]) -> None:
        currency = data.get("currency", "")
        try:
            data["price_minor"] = parse_major(data.get("price") or "0", currency) if currency else 0
        except ValueError:
            data["price_minor"] = 0
            sentence = _("Enter an amount such as 1200 or 1200.50; %(currency)s has %(decimals)s decimals.")
            self.add_error("price", sentence % {"currency": currency, "decimals": exponent(currency)})
        if data["price_minor"] > PRICE_LIMIT_MINOR:
            self.add_error("price", _("Enter an amount from 0 up to a hundred billion."))
        offer = self.offer_chosen()
        if offer and not data["price_minor"]:
            data["currency"] = offer.currency
        elif offer and currency and offer.currency != currency:
            self.add_error("currency", _("This offer is sold in %(currency)s.") % {"currency": offer.currency})

    def _clean_window(self, data: dict[str, Any]) -> None:
        window = data.get("window")
        if window == AS_OFFERED and data.get("what") == OWN:
            data["window"] = FOR_EVER
        if window == FOR_A_TIME and not data.get("open_for") and "open_for" not in self.errors:
            self.add_error("open_for", _("Say how long."))
        if window == UNTIL and not data.get("last_day") and "last_day" not in self.errors:
            self.add_error("last_day", _("Say until which day."))
        last_day = data.get("last_day")
        if window == UNTIL and last_day and day_starts(last_day + timedelta(days=1)) <= clock.now():
            self.add_error("last_day", _("This day is over."))

    def offer_chosen(self) -> Offer | None:
        """The offer, when the order is made from one."""
        data = self.cleaned_data
        return self.offers.get(data.get("offer", "")) if data.get("what") == OFFER else None

    def parts_chosen(self) -> list[Part]:
        """What was ticked; a whole course takes its modules and lessons in."""
        if self.cleaned_data.get("what") != OWN:
            return []
        parts = [self.pieces[value].part for value in self.cleaned_data.get("parts", [])]
        whole = {part.course_id for part in parts if part.is_whole}
        return [part for part in parts if part.is_whole or part.course_id not in whole]

    def window_chosen(self) -> AccessWindow | None:
        """How long it is open; None leaves that to the offer."""
        data = self.cleaned_data
        if data.get("window") == FOR_A_TIME:
            return OrderLine(open_for=data.get("open_for"), open_for_unit=data.get("open_for_unit") or "days")
        if data.get("window") == UNTIL and data.get("last_day"):
            return OrderLine(closes_at=day_starts(data["last_day"] + timedelta(days=1)))
        return OrderLine() if data.get("window") == FOR_EVER else None

    def terms(self) -> ManualOrder:
        """What a valid form says, for the service; a person whom nobody knows becomes a contact."""
        data = self.cleaned_data
        person = data["person"] or recognize_contact(email=data["email"], name=data["name"])
        return ManualOrder(
            contact=person,
            offer=self.offer_chosen(),
            title=data["title"] if data["what"] == OWN else "",
            parts=self.parts_chosen(),
            price_minor=data["price_minor"],
            currency=data["currency"],
            window=self.window_chosen(),
            reason=data["reason"],
            send_mail=data["send_mail"],
            choice=data["choice"],
            expires_at=clock.now() + timedelta(days=data["valid_for"] or 7) if data["price_minor"] else None,
            idempotency_key=data["key"],
        )
