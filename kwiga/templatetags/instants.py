"""Dates and times as the current language writes them, in the zone that is active for the request."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from babel.dates import format_date
from django import template
from django.utils import timezone
from django.utils.translation import get_language, to_locale

from kwiga.zones import zone_city

register = template.Library()


def _locale() -> str:
    return to_locale(get_language() or "en")


@lru_cache(maxsize=4_096)  # a list says the same days again and again
def _written(day: date, length: str, locale: str) -> str:
    return format_date(day, length, locale=locale)


@register.filter
def short_date(value: datetime) -> str:
    """The local day of an aware instant: "Nov 21, 2026"."""
    return _written(timezone.localtime(value).date(), "medium", _locale())


@register.filter
def short_instant(value: datetime) -> str:
    """Local day and minute of an aware instant: "Nov 21, 2026, 14:05"."""
    local = timezone.localtime(value)
    return f"{short_date(value)}, {local:%H:%M}"


@register.filter
def short_end(value: datetime) -> str:
    """The end of a half-open time in short: the day alone when it ends with that day."""
    local = timezone.localtime(value)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return short_date(value - timedelta(minutes=1))
    return short_instant(value)


@register.filter
def zoned_instant(value: datetime) -> str:
    """Local day and minute with the city whose time it is: "Nov 21, 2026, 14:05 (Kyiv)"."""
    return f"{short_instant(value)} ({_city(value)})"


@register.filter
def zoned_end(value: datetime) -> str:
    """The end of a half-open time as people say it: midnight is the last minute of the day before."""
    local = timezone.localtime(value)
    at_midnight = (local.hour, local.minute, local.second) == (0, 0, 0)
    return zoned_instant(value - timedelta(minutes=1) if at_midnight else value)


def _city(value: datetime) -> str:
    return zone_city(str(timezone.localtime(value).tzinfo), _locale())


@register.filter
def full_instant(value: datetime) -> str:
    """Everything about an aware instant: local date, time and zone, then the same in UTC."""
    local = timezone.localtime(value)
    day = _written(local.date(), "full", _locale())
    return f"{day}, {local:%H:%M:%S} {_city(value)} · {value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
