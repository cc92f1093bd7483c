"""Conditions on when something was, in days of the school's calendar."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo

from django.db.models import Q

from kwiga import clock
from schools.models import School
from schools.tenancy.scope import current_school_id


def latest_is(op: str, value: int | str | None, *, reached: Callable[[datetime], Q], is_known: Q) -> Q:
    """Whether the latest time of something is as asked.

    `reached(instant)` says that it was then or later; `is_known` that it was at all.
    """
    if op == "ever":
        return is_known
    if op == "never":
        return ~is_known
    if op in ("within", "longer"):
        bound = reached(days_from_now(-int(value or 0)))
    else:
        bound = reached(start_of(date.fromisoformat(str(value))))
    return bound if op in ("within", "since") else is_known & ~bound


def days_from_now(days: int) -> datetime:
    """The same time of day so many days from now, on the school's calendar and clock."""
    there = clock.now().astimezone(_zone()).replace(tzinfo=None) + timedelta(days=days)
    return there.replace(tzinfo=_zone()).astimezone(UTC)


def today() -> date:
    """The school's day."""
    return clock.now().astimezone(_zone()).date()


def start_of(day: date) -> datetime:
    """The first instant of a day of the school."""
    return datetime(day.year, day.month, day.day, tzinfo=_zone()).astimezone(UTC)


def _zone() -> tzinfo:
    zone: tzinfo = School.objects.get(pk=current_school_id()).time_zone
    return zone
