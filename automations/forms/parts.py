"""What the forms of triggers and steps share: filled from the JSON of a setting, and read back as JSON."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

Settings = dict[str, Any]


class PartForm(forms.Form):
    """The settings of one trigger or step."""

    def __init__(self, data: Any = None, *, settings: Settings | None = None, **more: Any) -> None:
        super().__init__(data, initial=self.shown(settings or {}), **more)
        for name, each in self.fields.items():
            if isinstance(each, forms.ChoiceField) and not isinstance(each, forms.MultipleChoiceField):
                _keep_gone(each, self.initial.get(name))

    def full_clean(self) -> None:
        """Read it; when the form comes back, the first field that is wrong has the focus."""
        super().full_clean()
        for name, each in self.fields.items():
            if self.is_bound and name in self.errors:
                each.widget.attrs["autofocus"] = True
                break

    @classmethod
    def shown(cls, settings: Settings) -> Settings:
        """What the fields show for these settings."""
        return settings

    def settings(self) -> Settings:
        """What a valid form says, as it is kept."""
        return dict(self.cleaned_data)


def _keep_gone(each: forms.ChoiceField, value: Any) -> None:
    """A thing that is no longer there stays chosen by its name of "gone", and is not replaced behind one's back."""
    offered: list[Any] = list(each.choices)  # type: ignore[arg-type]
    if value and offered and str(value) not in _flat(offered):
        each.choices = [*offered, (str(value), _("(no longer there)"))]


def _flat(offered: list[Any]) -> set[str]:
    found: set[str] = set()
    for key, label in offered:
        found |= {str(inner) for inner, _text in label} if isinstance(label, list | tuple) else {str(key)}
    return found


def number(label: Any, *, least: int, most: int, **more: Any) -> forms.IntegerField:
    """A field for a whole number."""
    return forms.IntegerField(label=label, min_value=least, max_value=most, **more)


def choice(label: Any, choices: Any, **more: Any) -> forms.ChoiceField:
    """A list to choose one thing from; `choices` is asked anew for each form."""
    field = forms.ChoiceField(label=label, choices=choices, **more)
    field.depends = True  # type: ignore[attr-defined]
    return field
