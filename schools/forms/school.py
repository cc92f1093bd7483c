"""What a person fills in about a school."""

import copy
import dataclasses
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from schools.forms import choices
from schools.models import School
from schools.selectors import free_slug, slug_problem
from schools.services.schools import SchoolFacts

_HELP = {
    "legal_name": _("The person or company that sells; it stands below every page and mail."),
    "address": _("Where the seller can be reached by post."),
    "contact_email": _("Students write here; answers to the school's mails come here too."),
    "sender_name": _("Who mails come from; empty: the name of the school."),
    "tax_note": _("A sentence on every receipt, such as: the price includes VAT."),
    "order_expiry_days": _("1 to 90; after that nobody can pay it any more, and held seats are free again."),
    "store_is_open": _("Without it visitors of your site see your name and how to reach you; links to offers work."),
    "store_title": _("Empty: the name of the school."),
    "currency": _("For new offers; those you have keep theirs."),
    "time_zone": _("Dates and times are shown and meant in this zone."),
    "language": _("For mails, and for visitors whose language is not known."),
}


class CreateSchoolForm(forms.Form):
    """The five facts a school begins with. An address left empty is made from the name."""

    name = forms.CharField(label=_("Name of the school"), max_length=120)
    slug = forms.CharField(label=_("Address"), required=False)
    currency = forms.ChoiceField(label=_("Currency"), choices=choices.currencies)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=choices.time_zones)
    language = forms.ChoiceField(label=_("Language of the school"), choices=choices.languages)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        if data is not None and not data.get("slug", "").strip():
            # Whatever else is wrong, the person sees the address that would be used.
            data = data.copy()
            data["slug"] = free_slug(data.get("name", ""))
        super().__init__(data, **kwargs)
        self.fields["name"].widget.attrs |= {"autofocus": True, "autocomplete": "organization"}
        self.fields["slug"].widget.attrs |= {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
        self.fields["slug"].required = self.is_bound

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"].lower()
        if problem := slug_problem(slug):
            raise forms.ValidationError(problem)
        return slug

    def facts(self) -> dict[str, str]:
        """The keyword arguments of `create_school`, but for the owner."""
        return {name: str(value) for name, value in self.cleaned_data.items()}


class AddressForm(forms.Form):
    """Another address for a school that has one."""

    slug = forms.CharField(label=_("New address"))

    def __init__(self, data: Any = None, *, school: School) -> None:
        super().__init__(data, initial={"slug": school.slug})
        self._school = school
        self.fields["slug"].widget.attrs |= {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"].lower()
        if problem := slug_problem(slug, self._school):
            raise forms.ValidationError(problem)
        return slug


class SettingsForm(forms.ModelForm):
    """Everything about a school but its address."""

    class Meta:
        model = School
        fields = tuple(field.name for field in dataclasses.fields(SchoolFacts))

    contact_phone = forms.CharField(
        label=_("Phone for students"),
        required=False,
        max_length=40,
        validators=[
            RegexValidator(
                r"^\+?[0-9 ().-]{5,40}$", _("Write a phone number: digits, spaces, and a plus in front if you like.")
            )
        ],
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=choices.currencies)
    language = forms.ChoiceField(label=_("Language"), choices=choices.languages)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=choices.time_zones)
    order_expiry_days = forms.IntegerField(
        label=_("Days until an unpaid order expires"), min_value=1, max_value=90, localize=False
    )

    def __init__(self, data: Any = None, *, school: School) -> None:
        # A form writes what was typed onto its instance; the page around it goes on showing what is saved.
        super().__init__(data, instance=copy.copy(school))
        for name in ("address", "store_text"):
            self.fields[name].widget.attrs["rows"] = 3
        for name, text in _HELP.items():
            self.fields[name].help_text = text

    def facts(self) -> SchoolFacts:
        """What was typed, as the service takes it."""
        return SchoolFacts(**self.cleaned_data)
