"""Days and times as people type them: in the zone of the page, a day alone meaning all of it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

_MIDNIGHT = time(0, 0)


def instant_of(day: date, hour: time | None, *, is_end: bool) -> datetime:
    """The instant (UTC) a person means, in the active zone.

    A day alone starts with that day and ends with it: an end is then the midnight after, as windows are half-open.
    An hour that the clocks skip is the one after the change; one they show twice is the first.
    """
    whole_day = hour is None and is_end
    local = datetime.combine(day + timedelta(days=1) if whole_day else day, hour or _MIDNIGHT)
    return timezone.make_aware(local).astimezone(UTC)


def typed_of(instant: datetime, *, is_end: bool) -> tuple[date, time | None]:
    """What to show so that the same instant comes back: a day alone where that says it."""
    local = timezone.localtime(instant)
    if local.time() != _MIDNIGHT:
        return local.date(), local.time().replace(tzinfo=None)
    return (local - timedelta(minutes=1)).date() if is_end else local.date(), None


class InstantWidget(forms.MultiWidget):
    """A day and, if wanted, a time."""

    def __init__(self, *, is_end: bool) -> None:
        self.is_end = is_end
        day = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "aria-label": _("Day")})
        hour = forms.TimeInput(format="%H:%M", attrs={"type": "time", "aria-label": _("Time")})
        super().__init__({"day": day, "time": hour})

    def decompress(self, value: datetime | None) -> list[Any]:
        return list(typed_of(value, is_end=self.is_end)) if value else [None, None]


class InstantField(forms.MultiValueField):
    """An aware instant out of a day and an optional time; `is_end` makes a day alone end with that day."""

    def __init__(self, *, is_end: bool = False, **kwargs: Any) -> None:
        self.is_end = is_end
        fields = (forms.DateField(), forms.TimeField(required=False))
        widget = InstantWidget(is_end=is_end)
        super().__init__(fields, widget=widget, require_all_fields=False, **{"required": False, **kwargs})

    def compress(self, data_list: list[Any]) -> datetime | None:
        if not data_list or not any(data_list):
            return None
        day, hour = data_list
        if day is None:
            raise ValidationError(_("Choose the day as well."))
        try:
            return instant_of(day, hour, is_end=self.is_end)
        except (OverflowError, ValueError) as error:
            raise ValidationError(_("Choose a day nearer to ours.")) from error

    def clean(self, value: Any) -> datetime | None:
        # A day left empty is missed only when there is a time: MultiValueField would say it is required.
        if value and not value[0] and value[1]:
            raise ValidationError(_("Choose the day as well."))
        cleaned: datetime | None = super().clean(value)
        return cleaned
