"""What the page "Why does this code not work?" asks."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.emails import normalize_email
from contacts.models import Contact
from kwiga.instants import InstantField
from offers.models import Offer

OFFERS_SHOWN = 200


class CheckForm(forms.Form):
    """A code, who wants to use it, for which offer and when; a GET form, so that its answer has an address."""

    code = forms.CharField(
        label=_("Code"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
        help_text=_("As the buyer typed it."),
    )
    offer = forms.ChoiceField(label=_("Offer"))
    email = forms.CharField(
        label=_("Email of the buyer"),
        max_length=254,
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "list": "people", "inputmode": "email", "spellcheck": "false"}
        ),
        help_text=_("Empty: nobody is known yet."),
    )
    at = InstantField(label=_("When"), help_text=_("Empty: now."))

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        live = Offer.objects.exclude(status=Offer.Status.ARCHIVED).order_by("-status", "-created_at", "-id")
        field: Any = self.fields["offer"]
        field.choices = list(live.values_list("token", "title")[:OFFERS_SHOWN])

    @property
    def chosen_offer(self) -> Offer | None:
        return Offer.objects.filter(token=self.cleaned_data["offer"]).first()

    @property
    def person(self) -> Contact | None:
        """The contact with this email, if there is one."""
        known = normalize_email(self.cleaned_data["email"])
        return Contact.objects.filter(email=known).first() if known else None
