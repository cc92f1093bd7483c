"""Quiet hours and days follow the wall clock of the school's zone, also where clocks change."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from contacts.mailing.hours import day_of, quiet_until

KYIV = ZoneInfo("Europe/Kyiv")
NIGHT = (time(21), time(8))
MORNING = (time(6), time(9, 30))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "hours", "until"),
    [
        ("2026-01-10 18:59", NIGHT, None),  # 20:59 in Kyiv
        ("2026-01-10 19:00", NIGHT, "2026-01-11 06:00"),  # 21:00, until 8:00 of the next day
        ("2026-01-10 23:30", NIGHT, "2026-01-11 06:00"),  # 1:30
        ("2026-01-11 05:59", NIGHT, "2026-01-11 06:00"),
        ("2026-01-11 06:00", NIGHT, None),  # 8:00
        ("2026-01-31 20:00", NIGHT, "2026-02-01 06:00"),  # over the end of a month
        ("2026-01-11 04:00", MORNING, "2026-01-11 07:30"),
        ("2026-01-11 07:30", MORNING, None),
        ("2026-01-11 04:00", (None, None), None),
    ],
)
def test_quiet_hours_end_when_the_school_says(at, hours, until):
    assert quiet_until(utc(at), KYIV, *hours) == (utc(until) if until else None)


@pytest.mark.parametrize(
    ("at", "hours", "until"),
    [
        # Clocks jump from 3:00 to 4:00 in the night to 29 March: 8:00 is an hour earlier in UTC than the day before.
        ("2026-03-28 20:00", NIGHT, "2026-03-29 05:00"),
        # Quiet until 3:30, which this night has not: over as the clocks have jumped past it.
        ("2026-03-29 00:30", (time(1), time(3, 30)), "2026-03-29 01:30"),
        # They are set back from 4:00 to 3:00 in the night to 25 October: 3:30 comes twice, and so does the quiet.
        ("2026-10-24 20:00", NIGHT, "2026-10-25 06:00"),
        ("2026-10-25 00:10", (time(1), time(3, 30)), "2026-10-25 00:30"),
        ("2026-10-25 00:40", (time(1), time(3, 30)), None),
        ("2026-10-25 01:10", (time(1), time(3, 30)), "2026-10-25 01:30"),
        ("2026-10-25 01:30", (time(1), time(3, 30)), None),
    ],
)
def test_quiet_hours_in_a_night_in_which_clocks_change(at, hours, until):
    ends = quiet_until(utc(at), KYIV, *hours)
    assert ends == (utc(until) if until else None)
    assert ends is None or ends > utc(at)


@pytest.mark.parametrize(
    ("at", "begin", "end"),
    [
        ("2026-01-10 21:59", "2026-01-09 22:00", "2026-01-10 22:00"),
        ("2026-01-10 22:00", "2026-01-10 22:00", "2026-01-11 22:00"),
        ("2026-03-29 12:00", "2026-03-28 22:00", "2026-03-29 21:00"),  # 23 hours
        ("2026-10-25 12:00", "2026-10-24 21:00", "2026-10-25 22:00"),  # 25 hours
    ],
)
def test_a_day_is_the_schools_calendar_day(at, begin, end):
    assert day_of(utc(at), KYIV) == (utc(begin), utc(end))
