"""What people fill in about themselves, and the team about them."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import get_language_info, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from contacts.emails import normalize_email
from contacts.models import Contact
from contacts.services.people import ContactFacts

_PHONE = RegexValidator(
    r"^\+?[0-9 ().-]{5,40}$", _("Write a phone number: digits, spaces, and a plus in front if you like.")
)
_CODE = RegexValidator(r"^[0-9]{6}$", _("The code has six digits."))


class EmailField(forms.EmailField):
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


class ContactForm(forms.Form):
    """What the team writes about a contact."""

    email = EmailField()
    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=120, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False, validators=[_PHONE])
    language = forms.ChoiceField(
        label=_("Language"),
        choices=_languages_or_none,
        required=False,
        help_text=_("For the mails this person gets; when it is not known, the school's."),
    )

    @classmethod
    def of(cls, contact: Contact) -> "ContactForm":
        """The form filled with what is known."""
        names = ("email", "name", "phone", "language")
        return cls(initial={name: getattr(contact, name) for name in names})

    def facts(self) -> ContactFacts:
        """What was typed, as the services take it."""
        return ContactFacts(**self.cleaned_data)
