"""Dates and times as the current language writes them, in the zone that is active for the request."""

from datetime import UTC, datetime

from babel.dates import format_date
from django import template
from django.utils import timezone
from django.utils.translation import get_language, to_locale

from kwiga.zones import zone_city

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
    return f"{short_date(value)}, {local:%H:%M}"


@register.filter
def full_instant(value: datetime) -> str:
    """Everything about an aware instant: local date, time and zone, then the same in UTC."""
    local = timezone.localtime(value)
    day = format_date(local.date(), "full", locale=_locale())
    city = zone_city(str(local.tzinfo), _locale())
    return f"{day}, {local:%H:%M:%S} {city} · {value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
