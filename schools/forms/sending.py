"""What a person decides about the news of a school: hours and numbers."""

import copy
import dataclasses
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from schools.models import School
from schools.services.schools import SendingFacts

MOST_A_CONTACT, MOST_A_DAY = 50, 1_000_000


class SendingForm(forms.ModelForm):
    """Quiet hours and limits."""

    class Meta:
        model = School
        fields = tuple(field.name for field in dataclasses.fields(SendingFacts))
        widgets = {
            name: forms.TimeInput(format="%H:%M", attrs={"type": "time"}) for name in ("quiet_from", "quiet_until")
        }
        help_texts = {
            "quiet_from": _("Leave both times empty to send at any hour."),
            "quiet_until": _("News that wait go out from this time on; it may be on the next morning."),
        }

    news_a_contact_a_day = forms.IntegerField(
        label=_("News to one contact in a day"),
        min_value=1,
        max_value=MOST_A_CONTACT,
        localize=False,
        help_text=_("Further news to them go out on the next day."),
    )
    news_a_day = forms.IntegerField(
        label=_("News in a day"),
        min_value=1,
        max_value=MOST_A_DAY,
        localize=False,
        help_text=_("All news of the school together: what your mail provider allows, or less."),
    )

    def __init__(self, data: Any = None, *, school: School) -> None:
        # A form writes what was typed onto its instance; the page around it goes on showing what is saved.
        super().__init__(data, instance=copy.copy(school))

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if self.errors:
            return typed
        start, end = typed["quiet_from"], typed["quiet_until"]
        if start and not end:
            self.add_error("quiet_until", _("Say when quiet hours end, or leave both times empty."))
        elif end and not start:
            self.add_error("quiet_from", _("Say when quiet hours begin, or leave both times empty."))
        elif start and start == end:
            self.add_error("quiet_until", _("Quiet hours need two different times."))
        return typed

    def facts(self) -> SendingFacts:
        """What was typed, as the service takes it."""
        return SendingFacts(**self.cleaned_data)
