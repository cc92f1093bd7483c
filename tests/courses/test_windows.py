"""How long an access lasts, on the school's calendar."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from courses.models import AccessWindow
from offers.models import Offer

KYIV = ZoneInfo("Europe/Kyiv")
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("bought", "length", "unit", "end"),
    [
        # Thirty days over the night when the clocks go forward: the same time of day in Kyiv.
        ((2026, 3, 20, 10), 30, "days", (2026, 4, 19, 10)),
        ((2026, 10, 20, 10), 10, "days", (2026, 10, 30, 10)),
        ((2026, 1, 31, 15), 1, "months", (2026, 2, 28, 15)),
        ((2026, 9, 30, 23), 2, "months", (2026, 11, 30, 23)),
    ],
)
def test_a_length_is_counted_on_the_school_s_calendar(school, bought, length, unit, end):
    window = Offer(school=school, open_for=length, open_for_unit=unit)
    at = datetime(*bought, tzinfo=KYIV).astimezone(UTC)
    assert window.window_from(at) == (at, datetime(*end, tzinfo=KYIV))
    assert window.window_from(at, KYIV) == window.window_from(at)


def test_the_earlier_of_two_ends_counts_and_a_start_in_the_past_is_now(school):
    at = datetime(2026, 6, 1, tzinfo=UTC)
    window = Offer(school=school, open_for=30, opens_at=at - DAY, closes_at=at + 7 * DAY)
    assert window.window_from(at) == (at, at + 7 * DAY)
    assert Offer(school=school, opens_at=at + DAY).window_from(at) == (at + DAY, None)
    assert issubclass(Offer, AccessWindow)
