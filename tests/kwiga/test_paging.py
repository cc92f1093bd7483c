"""Pages by keyset: walked forward and back they show every row once, whatever rows have the same instant."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.db.models import OuterRef
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kwiga.paging import Count, CountUpTo, Page, count_beside, page_of
from schools.models import Event, School

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
# Few instants and many rows: most of them share one.
instants = st.lists(st.integers(min_value=0, max_value=3), max_size=25)
varied = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def write(school: School, offsets: list[int]) -> list[int]:
    """Events at these microseconds after noon; their ids as a list shows them, newest first."""
    Event.objects.all().delete()
    events = [
        Event(school=school, kind="sample.happened", created_at=NOON + timedelta(microseconds=offset))
        for offset in offsets
    ]
    Event.objects.bulk_create(events)
    return [event.pk for event in sorted(events, key=lambda event: (event.created_at, event.pk), reverse=True)]


def page(query: str = "", size: int = 4) -> Page:
    return page_of(Event.objects.all(), RequestFactory().get(f"/list/{query}"), size)


def walk(direction: str, start: str, size: int) -> list[list[int]]:
    """The ids of every page from `start` on, in that direction."""
    shown, query = [], start
    for _ in range(40):
        current = page(query, size)
        shown.append([row.pk for row in current.rows])
        query = getattr(current, direction)
        if not query:
            return shown
    raise AssertionError("the pages do not end")


@varied
@given(offsets=instants, size=st.integers(min_value=1, max_value=7))
def test_forward_every_row_is_shown_once_in_order(scope: School, offsets: list[int], size: int) -> None:
    expected = write(scope, offsets)
    pages = walk("next", "", size)
    assert [pk for ids in pages for pk in ids] == expected
    assert all(len(ids) == size for ids in pages[:-1])


@varied
@given(offsets=instants.filter(lambda offsets: len(offsets) > 1), size=st.integers(min_value=1, max_value=7))
def test_back_from_the_last_row_every_other_row_is_shown_once(scope: School, offsets: list[int], size: int) -> None:
    expected = write(scope, offsets)
    last = Event.objects.get(pk=expected[-1])
    offset = (last.created_at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    pages = walk("previous", f"?before={offset}-{last.pk}", size)
    assert [pk for ids in reversed(pages) for pk in ids] == expected[:-1]


@varied
@given(offsets=instants, size=st.integers(min_value=1, max_value=7))
def test_the_page_before_the_next_one_is_this_one(scope: School, offsets: list[int], size: int) -> None:
    write(scope, offsets)
    first = page("", size)
    if first.next:
        assert [row.pk for row in page(page(first.next, size).previous, size).rows] == [row.pk for row in first.rows]


def test_the_first_page_has_no_previous_and_the_last_no_next(scope: School) -> None:
    write(scope, [1, 2, 3, 4, 5])
    first = page("", 4)
    last = page(first.next, 4)
    assert (first.previous, last.next) == ("", "")
    assert first.next
    assert last.previous


def test_a_full_last_page_leads_nowhere(scope: School) -> None:
    write(scope, [1, 2, 3, 4])
    assert page("", 4).next == ""


def test_no_rows_are_one_empty_page(scope: School) -> None:
    write(scope, [])
    assert page() == Page([], "", "")


def test_a_row_that_is_added_meanwhile_moves_nothing(scope: School) -> None:
    expected = write(scope, [1, 2, 3, 4, 5, 6])
    query = page("", 3).next
    Event.objects.create(school=scope, kind="sample.happened", created_at=NOON + timedelta(days=1))
    assert [row.pk for row in page(query, 3).rows] == expected[3:]


def test_a_row_that_is_gone_still_marks_its_place(scope: School) -> None:
    expected = write(scope, [1, 2, 3, 4, 5, 6])
    query = page("", 3).next
    Event.objects.filter(pk=expected[2]).delete()
    assert [row.pk for row in page(query, 3).rows] == expected[3:]


def test_other_parts_of_the_address_stay(scope: School) -> None:
    write(scope, [1, 2, 3])
    asked = parse_qs(page("?q=a%26b&kind=x&kind=y&after=nonsense", 2).next.removeprefix("?"))
    assert (asked["q"], asked["kind"], len(asked["after"])) == (["a&b"], ["x", "y"], 1)
    assert "before" not in asked


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "1",
        "1-",
        "-1",
        "1-x",
        "x-1",
        "1-2-3",
        "٣-٣x",
        "9" * 30 + "-1",
        "1-" + "9" * 50,
        "1.5-2",
        "NaN-1",
        "\x00-1",
    ],
)
def test_a_cursor_that_makes_no_sense_means_the_first_page(scope: School, cursor: str) -> None:
    expected = write(scope, [1, 2, 3])
    for direction in ("after", "before"):
        shown = page_of(Event.objects.all(), RequestFactory().get("/list/", {direction: cursor}), 4)
        assert [row.pk for row in shown.rows] == expected


@varied
@given(cursor=st.text(max_size=45))
def test_no_cursor_does_harm(scope: School, cursor: str) -> None:
    request = RequestFactory().get("/list/", {"after": cursor})
    page_of(Event.objects.all(), request, 4)


def test_both_directions_at_once_go_forward(scope: School) -> None:
    write(scope, [1, 2, 3, 4, 5, 6])
    forward = page("", 3).next
    both = f"{forward}&before={parse_qs(forward[1:])['after'][0]}"
    assert [row.pk for row in page(both, 3).rows] == [row.pk for row in page(forward, 3).rows]


def test_a_single_page_is_counted_without_asking(scope: School, django_assert_num_queries: Any) -> None:
    write(scope, [1, 2, 3])
    only = page_of(Event.objects.all(), RequestFactory().get("/list/"), 4)
    with django_assert_num_queries(0):
        assert count_beside(only, Event.objects.all(), 10) == Count(3, False)
    first = page_of(Event.objects.all(), RequestFactory().get("/list/"), 2)
    with django_assert_num_queries(1):
        assert count_beside(first, Event.objects.all(), 10) == Count(3, False)
    assert count_beside(first, Event.objects.all(), 2) == Count(2, True)


def test_correlated_rows_are_counted_to_a_limit(scope: School) -> None:
    write(scope, [1, 2, 3])
    for limit, expected in ((2, 3), (3, 3), (1, 2)):  # one more than the limit stands for all above it
        counted = School.objects.annotate(number=CountUpTo(Event.objects.filter(school=OuterRef("pk")), limit))
        assert counted.get(pk=scope.pk).number == expected
