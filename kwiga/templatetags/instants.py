"""Dates and times as the current language writes them, in the zone that is active for the request."""

from datetime import UTC, datetime

from babel.dates import format_date, format_datetime, format_time, get_timezone_name
from django import template
from django.utils import timezone
from django.utils.translation import get_language, to_locale

register = template.Library()


def _locale() -> str:
    return to_locale(get_language() or "en")


@register.filter
def short_date(value: datetime) -> str:
    """The local day of an aware instant: "Nov 21, 2026"."""
    return format_date(timezone.localtime(value).date(), "medium", locale=_locale())


@register.filter
def short_instant(value: datetime) -> str:
    """Local day and minute of an aware instant: "Nov 21, 2026, 14:05"."""
    local = timezone.localtime(value)
    return (
        f"{short_date(value)}, {format_time(local.time(), 'HH:mm', locale=_locale())}"
    )


@register.filter
def full_instant(value: datetime) -> str:
    """Everything about an aware instant: local date, time and zone, then the same in UTC."""
    local = timezone.localtime(value)
    zone = get_timezone_name(local, locale=_locale())
    day = format_datetime(
        local, "EEEE, d MMMM y, HH:mm:ss", tzinfo=local.tzinfo, locale=_locale()
    )
    return f"{day} ({zone}) · {value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
