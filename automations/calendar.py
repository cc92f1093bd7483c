"""Days as people count them: by the calendar of the school's zone, so that a summer time does not move an hour."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from schools.models import School
from schools.tenancy.scope import current_school_id


def school_zone() -> ZoneInfo:
    """The zone of the open scope's school."""
    zone: ZoneInfo = School.objects.only("time_zone").get(pk=current_school_id()).time_zone
    return zone


def days_later(instant: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same time of day so many days later (earlier when negative), in UTC.

    A time that the clocks skip is the one they then show; of a time that comes twice it is the first.
    """
    if not days:
        return instant.astimezone(UTC)
    shifted = (instant.astimezone(zone) + timedelta(days=days)).replace(fold=0)
    return shifted.astimezone(UTC)


def at_time(day: date, clock_time: time, zone: ZoneInfo) -> datetime:
    """That time of that day in the zone, in UTC."""
    return datetime.combine(day, clock_time, tzinfo=zone).astimezone(UTC)
