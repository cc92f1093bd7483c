"""Days and times as people type them, in the zone of the page."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from kwiga.instants import InstantField, instant_of, typed_of

KYIV = ZoneInfo("Europe/Kyiv")


@pytest.mark.parametrize(
    ("day", "hour", "is_end", "expected"),
    [
        (date(2026, 11, 21), None, False, datetime(2026, 11, 20, 22, 0, tzinfo=UTC)),
        (date(2026, 11, 21), None, True, datetime(2026, 11, 21, 22, 0, tzinfo=UTC)),
        (date(2026, 11, 21), time(10, 30), True, datetime(2026, 11, 21, 8, 30, tzinfo=UTC)),
        (date(2026, 7, 1), time(0, 0), True, datetime(2026, 6, 30, 21, 0, tzinfo=UTC)),
        # The night of the change: the whole day has 25 hours.
        (date(2026, 10, 25), None, False, datetime(2026, 10, 24, 21, 0, tzinfo=UTC)),
        (date(2026, 10, 25), None, True, datetime(2026, 10, 25, 22, 0, tzinfo=UTC)),
        # 03:30 does not exist on that day, and is shown twice on this one.
        (date(2026, 3, 29), time(3, 30), False, datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        (date(2026, 10, 25), time(3, 30), False, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_day_and_a_time_mean_an_instant(day: date, hour: time | None, is_end: bool, expected: datetime) -> None:
    with timezone.override(KYIV):
        assert instant_of(day, hour, is_end=is_end) == expected


@given(
    minute=st.integers(0, 15 * 365 * 24 * 60),
    is_end=st.booleans(),
    zone=st.sampled_from(["Europe/Kyiv", "America/New_York", "Asia/Kathmandu", "UTC", "Pacific/Apia"]),
)
def test_what_is_shown_means_the_same_minute_again(minute: int, is_end: bool, zone: str) -> None:
    instant = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    with timezone.override(ZoneInfo(zone)):
        again = instant_of(*typed_of(instant, is_end=is_end), is_end=is_end)
        # The second of two equal hours cannot be typed; it comes back as the first.
        assert again == instant or timezone.localtime(instant).fold == 1


@pytest.mark.parametrize("typed", [["", ""], [None, None], [], None])
def test_nothing_typed_is_no_instant(typed: list[str] | None) -> None:
    assert InstantField().clean(typed) is None


@pytest.mark.parametrize("typed", [["", "10:00"], ["2026-13-01", ""], ["2026-01-01", "25:00"], ["9999-12-31", ""]])
def test_half_an_instant_is_refused(typed: list[str]) -> None:
    with pytest.raises(ValidationError):
        InstantField(is_end=True).clean(typed)
