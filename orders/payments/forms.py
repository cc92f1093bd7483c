"""The form of a connection, made from what its provider needs."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.payments.protocol import Provider, SettingsField
from orders.services.connections import ConnectionTerms


class ConnectionForm(forms.Form):
    """A title for buyers and the provider's own fields. What is stored of a secret is never shown again."""

    title = forms.CharField(
        label=_("Title for buyers"),
        max_length=80,
        required=False,
        help_text=_("What the button says; the provider’s name when empty."),
    )

    def __init__(
        self, data: Any = None, *, provider: Provider, endings: dict[str, str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self._fields_of_provider = provider.settings_fields
        for each in provider.settings_fields:
            ending = (endings or {}).get(each.name)
            self.fields[each.name] = _field(each, is_stored=ending is not None, ending=ending or "")

    def terms(self) -> ConnectionTerms:
        """What was typed, as the services take it."""
        values = self.cleaned_data
        return ConnectionTerms(
            title=values["title"],
            options={each.name: values[each.name] for each in self._fields_of_provider if not each.is_secret},
            secrets={each.name: values[each.name] for each in self._fields_of_provider if each.is_secret},
        )


def _field(each: SettingsField, *, is_stored: bool, ending: str) -> forms.Field:
    label, help_text = str(each.label), str(each.help_text)
    if each.choices:
        return forms.ChoiceField(label=label, choices=each.choices, help_text=help_text)
    if each.is_secret:
        if is_stored:
            help_text = gettext("Stored, ends with %(ending)s. Leave it empty to keep it.") % {"ending": ending or "…"}
        return forms.CharField(
            label=label,
            max_length=300,
            required=each.is_required and not is_stored,
            widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            help_text=help_text,
        )
    widget = forms.Textarea(attrs={"rows": 5}) if each.is_long else forms.TextInput()
    limit = 2_000 if each.is_long else 300
    return forms.CharField(label=label, max_length=limit, required=each.is_required, widget=widget, help_text=help_text)
