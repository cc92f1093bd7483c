"""The form of a trigger, built from the fields that its trigger names (`automations.triggers`)."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from automations.forms import choices
from automations.forms.parts import PartForm, Settings, choice, number
from automations.settings_fields import FieldKind, SettingField
from automations.triggers import Trigger
from courses.models import Lesson

_CHOICES: dict[FieldKind, Callable[[], choices.Choices]] = {
    FieldKind.COURSE: choices.any_course,
    FieldKind.LESSON: choices.any_lesson,
    FieldKind.OFFER: choices.any_offer,
    FieldKind.LIST: choices.any_list,
    FieldKind.TAG: choices.any_tag,
    FieldKind.COUPON: choices.any_coupon,
    FieldKind.HOOK: choices.any_hook,
    FieldKind.FIELD: choices.one_date_field,
}
_ASSIGNMENTS = "assignment."


class TriggerForm(PartForm):
    """The settings of one trigger."""

    def __init__(self, data: Any = None, *, trigger: Trigger, settings: Settings | None = None, **more: Any) -> None:
        self.trigger = trigger
        fresh = {field.name: field.initial for field in trigger.fields if field.initial is not None}
        self.base_fields = {field.name: _field(field, trigger) for field in trigger.fields}  # type: ignore[misc]
        super().__init__(data, settings=fresh | (settings or {}), **more)

    def clean(self) -> Settings:
        data = super().clean() or {}
        lesson = Lesson.objects.filter(token=data.get("lesson") or "").select_related("course").first()
        if lesson and data.get("course") not in ("", None, lesson.course.token):
            self.add_error("lesson", _("This lesson belongs to another course."))
        if (data.get("least") or 0) > (data.get("most") or data.get("least") or 0):
            self.add_error("most", _("No order has such a sum."))
        return self.cleaned_data


def _field(field: SettingField, trigger: Trigger) -> forms.Field:
    if field.kind == FieldKind.NUMBER:
        bounds = {"least": field.minimum, "most": field.maximum}
        return number(field.label, **bounds, required=field.required, help_text=field.help)
    if field.kind == FieldKind.FLAG:
        return forms.BooleanField(label=str(field.label), required=False, help_text=str(field.help))
    asked = _CHOICES[field.kind]
    if field.kind == FieldKind.LESSON and trigger.key.startswith(_ASSIGNMENTS):
        asked = choices.any_assignment
    return choice(field.label, asked, required=field.required, help_text=field.help)
