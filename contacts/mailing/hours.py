"""When may news go out? Quiet hours and days of a school, on the wall clock of its zone (pure)."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def quiet_until(at: datetime, zone: ZoneInfo, start: time | None, end: time | None) -> datetime | None:
    """When the quiet time that covers the instant ends; None when the instant is not quiet.

    The time from `start` to `end` may span midnight. It follows the wall clock: where clocks jump ahead over its end,
    it ends right after the jump; where they are set back over its end, the hour that comes twice is quiet twice.
    """
    if start is None or end is None or start == end:
        return None
    local = at.astimezone(zone)
    clock = local.time()
    is_quiet = start <= clock < end if start < end else clock >= start or clock < end
    if not is_quiet:
        return None
    day = local.date() if clock < end else local.date() + timedelta(days=1)
    return _next(at, day, end, zone)


def day_of(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants at which the calendar day around the instant begins and ends."""
    today = at.astimezone(zone).date()
    return _instant(today, time(), zone), _instant(today + timedelta(days=1), time(), zone)


def _next(at: datetime, day: date, end: time, zone: ZoneInfo) -> datetime:
    first = _instant(day, end, zone)
    return first if first > at else _instant(day, end.replace(fold=1), zone)


def _instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone).astimezone(ZoneInfo("UTC"))
