"""What people fill in about themselves, and the team about them."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import get_language_info, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from contacts import own_fields
from contacts.countries import countries
from contacts.emails import normalize_email
from contacts.models import Contact, ContactField
from contacts.services.people import ContactFacts
from kwiga.addresses import AddressField

_PHONE = RegexValidator(
    r"^\+?[0-9 ().-]{5,40}$", _("Write a phone number: digits, spaces, and a plus in front if you like.")
)
_CODE = RegexValidator(r"^[0-9]{6}$", _("The code has six digits."))
_FACTS = ("email", "name", "phone", "language", "country", "external_id")


class EmailField(AddressField):
    """An email as contacts are known by."""

    def __init__(self, *, label: Any = None) -> None:
        attributes = {"autocomplete": "email", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(label=label or _("Email"), max_length=254, widget=forms.EmailInput(attrs=attributes))

    def to_python(self, value: Any) -> str:
        return normalize_email(str(super().to_python(value) or ""))


class EmailForm(forms.Form):
    """To whom the code goes."""

    email = EmailField()
    next = forms.CharField(required=False, widget=forms.HiddenInput)


class NewEmailForm(forms.Form):
    """The email a student wants to have."""

    email = EmailField(label=_("New email"))


class CodeForm(forms.Form):
    """Six digits, typed or pasted with spaces."""

    code = forms.CharField(
        label=_("Code"),
        max_length=12,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "maxlength": 12}
        ),
    )

    def clean_code(self) -> str:
        code = "".join(str(self.cleaned_data["code"]).replace("-", " ").split())
        _CODE(code)
        return code


def _languages() -> list[tuple[str, str]]:
    return [(code, str(get_language_info(code)["name_local"]).capitalize()) for code, _name in settings.LANGUAGES]


def _languages_or_none() -> list[tuple[str, Any]]:
    return [("", pgettext_lazy("language of a contact", "Not known")), *_languages()]


class ProfileForm(forms.Form):
    """What a student says about themselves."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        validators=[_PHONE],
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=_languages, help_text=_("For these pages and for the mails you get.")
    )


def _countries() -> list[tuple[str, Any]]:
    return [("", pgettext_lazy("country of a contact", "Not known")), *countries()]


class ContactForm(forms.Form):
    """What the team writes about a contact, the school's own fields included."""

    email = EmailField()
    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=120, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False, validators=[_PHONE])
    language = forms.ChoiceField(
        label=_("Language"),
        choices=_languages_or_none,
        required=False,
        help_text=_("For the mails this person gets; when it is not known, the school's."),
    )
    country = forms.ChoiceField(label=_("Country"), choices=_countries, required=False)
    external_id = forms.CharField(
        label=_("External number"),
        max_length=120,
        required=False,
        help_text=_("The number of this person in another system of yours."),
    )

    def __init__(self, data: Any = None, *, contact: Contact | None = None, email: str = "") -> None:
        super().__init__(data, initial=_known(contact) if contact else {"email": email})
        values = own_fields.values_of(contact) if contact else {}
        self._own = {own_fields.name_of(field): field for field in own_fields.fields_in_use()}
        for name, field in self._own.items():
            value = values.get(field.pk)
            self.fields[name] = own_fields.form_field(field, value)
            self.initial[name] = own_fields.initial_of(field, value)

    @property
    def own(self) -> list[forms.BoundField]:
        """The inputs of the school's own fields."""
        return [self[name] for name in self._own]

    def facts(self) -> ContactFacts:
        """What was typed, as the services take it."""
        return ContactFacts(**{name: self.cleaned_data[name] for name in _FACTS})

    def values(self) -> dict[ContactField, Any]:
        """What was typed into the school's own fields."""
        return {field: own_fields.read(field, self.cleaned_data[name]) for name, field in self._own.items()}


def _known(contact: Contact) -> dict[str, Any]:
    return {name: getattr(contact, name) for name in _FACTS}
