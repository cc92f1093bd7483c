"""Dates as people read them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from kwiga.templatetags.instants import full_instant, short_date, short_instant

INSTANT = datetime(2026, 11, 21, 22, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "day"), [("en", "Nov 22, 2026"), ("uk", "22 лист. 2026\u202fр."), ("pl", "22 lis 2026")]
)
def test_day_is_the_local_one_in_the_readers_language(language: str, day: str) -> None:
    with timezone.override(ZoneInfo("Europe/Kyiv")), translation.override(language):
        assert short_date(INSTANT) == day
        assert short_instant(INSTANT) == f"{day}, 00:30"


@pytest.mark.parametrize(
    ("language", "local"),
    [
        ("en", "Sunday, November 22, 2026, 00:30:05 Kyiv"),
        ("uk", "неділя, 22 листопада 2026\u202fр., 00:30:05 Київ"),
        ("pl", "niedziela, 22 listopada 2026, 00:30:05 Kijów"),
    ],
)
def test_the_whole_truth_names_the_zone_and_utc(language: str, local: str) -> None:
    with timezone.override(ZoneInfo("Europe/Kyiv")), translation.override(language):
        assert full_instant(INSTANT) == f"{local} · 2026-11-21 22:30:05 UTC"
