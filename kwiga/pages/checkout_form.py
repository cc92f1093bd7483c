"""The form of the checkout: two fields for a guest, none for somebody signed in, and what the school asks besides."""

import re
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from kwiga.addresses import AddressField
from kwiga.clients import client_address
from kwiga.pages.coupon_quote import shown_total
from kwiga.pages.own_orders import own_orders
from kwiga.sites import site_path
from kwiga.tokens import secret_token
from offers.models import Offer
from offers.selectors import ShownTerms
from orders.services.placing import Checkout

_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
_UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
_UTM_LENGTH = 200
_EXTERNAL_ID_LENGTH = 120


def _accepting(address: str, title: str) -> SafeString:
    link = format_html('<a href="{}" target="_blank">{}</a>', address, title)
    return format_html(gettext("I accept: {}"), link)


# In the language of the page, which is known later than the form.
_accept = lazy(_accepting, SafeString)


class CheckoutForm(forms.Form):
    """Whose fields depend on who buys and on what the offer asks. Prices are not among them: the server knows those.

    `key` is the server's own mark of this form: sent twice, it makes one order (P5).
    """

    error_css_class = "field-wrong"

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        offer: Offer,
        contact: Contact | None,
        terms: list[ShownTerms],
        **options: Any,
    ) -> None:
        super().__init__(data, **options)
        self.offer, self.contact = offer, contact
        self._add_person()
        self._add_questions()
        self._add_terms([shown for shown in terms if shown.is_required])
        self.key = self._posted_key() or secret_token()

    def _add_person(self) -> None:
        if self.contact is None:
            self.fields["email"] = AddressField(
                label=_("Email"), max_length=254, help_text=_("Your access and receipt go here."), widget=_email()
            )
            self.fields["name"] = forms.CharField(label=_("Name"), max_length=120, widget=_text("name"))
        needs = Offer.Phone(self.offer.phone)
        known = self.contact.phone if self.contact else ""
        if needs != Offer.Phone.NOT_ASKED and not known:
            required = needs == Offer.Phone.REQUIRED
            self.fields["phone"] = forms.CharField(
                label=_("Phone"), max_length=40, required=required, widget=_text("tel", type="tel", inputmode="tel")
            )

    def _add_questions(self) -> None:
        for question in self.offer.asks:  # type: ignore[attr-defined]
            self.fields[f"question_{question['id']}"] = forms.CharField(
                label=question["label"], max_length=1_000, required=question["is_required"], widget=_text("off")
            )

    def _add_terms(self, required: list[ShownTerms]) -> None:
        for shown in required:
            self.fields[f"terms_{shown.version.pk}"] = forms.BooleanField(
                label=_accept(_address(shown), shown.text.title),
                error_messages={"required": _("Please accept this to buy.")},
            )

    def _posted_key(self) -> str:
        key = self.data.get("key", "")
        return key if _KEY.fullmatch(key) else ""

    def fresh_key(self) -> None:
        """The next submission is another order."""
        self.key = secret_token()

    def clean(self) -> dict[str, Any]:
        if not self._posted_key():
            self.add_error(None, _("This page was too old to send. Please check it and send it again."))
        return super().clean() or {}

    def person_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.startswith("terms_")]

    def terms_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("terms_")]

    def checkout(self, request: HttpRequest, *, language: str, code: str) -> Checkout:
        """What a valid form says, for the service."""
        typed = self.cleaned_data
        return Checkout(
            offer_token=self.offer.token,
            email=self.contact.email if self.contact else typed["email"],
            name=self.contact.name if self.contact else typed["name"],
            phone=typed.get("phone") or (self.contact.phone if self.contact else ""),
            answers=[(number, typed[name]) for name, number in self._numbered("question_")],
            accepted_version_ids=[number for name, number in self._numbered("terms_") if typed[name]],
            language=language,
            shown_total_minor=shown_total(self.data),
            shown_currency=self.data.get("shown_currency", "")[:3],
            idempotency_key=self.key,
            code=code,
            utm=_utm(request.GET),
            external_id=request.GET.get("external_id", "").replace("\x00", "").strip()[:_EXTERNAL_ID_LENGTH],
            client_address=client_address(request),
            contact=self.contact,
            own_orders=own_orders(request),
        )

    def _numbered(self, prefix: str) -> list[tuple[str, int]]:
        return [(name, int(name.removeprefix(prefix))) for name in self.fields if name.startswith(prefix)]


def _address(shown: ShownTerms) -> str:
    return site_path("terms_version", shown.document.token, shown.version.number)


def _utm(parameters: QueryDict) -> dict[str, str]:
    found = {name: parameters.get(name, "").replace("\x00", "")[:_UTM_LENGTH] for name in _UTM}
    return {name: value for name, value in found.items() if value}


def _email() -> forms.EmailInput:
    return forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email", "autocapitalize": "off"})


def _text(autocomplete: str, **attributes: str) -> forms.TextInput:
    return forms.TextInput(attrs={"autocomplete": autocomplete, **attributes})
