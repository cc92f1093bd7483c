"""Forms about an automation as a whole."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from automations.forms import choices
from automations.models import Automation, Run
from kwiga.filter_form import Choices, FilterForm


class NewForm(forms.Form):
    """What a new automation is called, and the recipe it begins with."""

    name = forms.CharField(label=_("Name"), max_length=120)
    recipe = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)


class FactsForm(forms.ModelForm):
    """Name, and how often it runs for the same contact and in all."""

    class Meta:
        model = Automation
        fields = ("name", "repeat", "repeat_days", "max_runs")
        widgets = {"repeat": forms.RadioSelect}
        help_texts = {"max_runs": _("Empty: no limit. Who comes later is counted under the errors.")}

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["repeat_days"].depends = True  # type: ignore[attr-defined]
        self.fields["repeat_days"].min_value = 1  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("repeat") == Automation.Repeat.PAUSE and not data.get("repeat_days"):
            self.add_error("repeat_days", _("Enter after how many days it may run again."))
        if data.get("max_runs") == 0:
            self.add_error("max_runs", _("Enter a number above zero, or leave it empty."))
        return data

    def _post_clean(self) -> None:
        """The service checks and writes; the form leaves the row alone."""

    def facts(self) -> dict[str, Any]:
        """What a valid form says, for the service."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}


class AutomationFilterForm(FilterForm):
    """What the list of automations can be narrowed to."""

    quiet = ("q", "state")

    state = forms.ChoiceField(required=False, label=_("State"))
    trigger = forms.ChoiceField(required=False, label=_("Start"))

    def choices(self) -> dict[str, Choices]:
        return {"state": Automation.State.choices, "trigger": choices.triggers()}


class RunFilterForm(FilterForm):
    """What the runs of an automation can be narrowed to."""

    state = forms.ChoiceField(required=False, label=_("State"))
    since = forms.DateField(required=False, label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))

    def choices(self) -> dict[str, Choices]:
        return {"state": Run.State.choices}


class ErrorFilterForm(FilterForm):
    """The days whose errors are counted."""

    quiet = ()

    automation = forms.ChoiceField(required=False, label=_("Automation"))
    since = forms.DateField(required=False, label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))

    def choices(self) -> dict[str, Choices]:
        rows = Automation.objects.order_by("name", "pk").values_list("token", "name")
        return {"automation": list(rows[: choices.SHOWN])}


class ByHandForm(forms.Form):
    """For whom an automation is started by hand: a list, or one person."""

    contact_list = forms.ChoiceField(label=_("List"), choices=choices.every_list, required=False)
    contact = forms.CharField(
        label=_("or the email of one person"),
        max_length=254,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "people", "inputmode": "email"}),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for each in self.fields.values():
            each.depends = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("contact_list")) == bool(data.get("contact")):
            self.add_error("contact_list", _("Choose a list, or enter the email of one person."))
        return data
