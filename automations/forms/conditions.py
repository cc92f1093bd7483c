"""The form of the step "Go on only if": a condition as of dynamic lists, and whether the order is paid."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from automations.forms.parts import PartForm, Settings
from contacts.segments.form import ConditionsForm


class ConditionStepForm(PartForm):
    """Either or both; an empty one would let everybody pass."""

    order = forms.ChoiceField(
        label=_("The order of the event"),
        choices=[("", _("does not matter")), ("unpaid", _("is still not paid")), ("paid", _("is paid"))],
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(
        self, data: Any = None, *, page: str, has_order: bool, settings: Settings | None = None, **more: Any
    ) -> None:
        said = settings or {}
        super().__init__(data, settings=said, **more)
        self.fields["order"].depends = True  # type: ignore[attr-defined]
        if not (has_order or said.get("order")):
            del self.fields["order"]
        self.conditions_form = ConditionsForm(data, conditions=said.get("conditions"), page=page, may_be_empty=True)
        self.conditions_form.note = _("Looked at when this step is due. Who does not fit ends here.")

    @property
    def pressed(self) -> bool:
        """Whether a button of the conditions was pressed, not that of the step."""
        return bool(self.conditions_form.pressed)

    def clean(self) -> Settings:
        data = super().clean() or {}
        is_read = self.conditions_form.is_valid()
        if not is_read:
            raise forms.ValidationError(_("Finish the conditions, or take the unfinished ones away."))
        if self.conditions_form.conditions is None and not data.get("order"):
            raise forms.ValidationError(_("Add a condition: without one, everybody goes on."))
        return data

    def settings(self) -> Settings:
        return {"conditions": self.conditions_form.conditions, "order": self.cleaned_data.get("order", "")}
