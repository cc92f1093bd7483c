"""Where the charts put their marks."""

import pytest

from kwiga.charts import Point, Tick, chart


def points(*values: float) -> list[Point]:
    return [Point(f"day {place}", value, f"{value:g}") for place, value in enumerate(values)]


def test_scale_is_round_and_runs_from_the_top_to_zero() -> None:
    assert chart(points(12, 38)).ticks == (
        Tick("40", 0),
        Tick("30", 250),
        Tick("20", 500),
        Tick("10", 750),
        Tick("0", 1000),
    )


@pytest.mark.parametrize(
    ("highest", "top"),
    [(1, "1"), (3, "3"), (7, "8"), (9, "10"), (99, "100"), (101, "150"), (0.3, "0.3"), (48_200, "60000")],
)
def test_scale_reaches_just_above_the_highest_value(highest: float, top: str) -> None:
    ticks = chart(points(highest)).ticks
    assert ticks[0].text == top
    assert len(ticks) <= 5


def test_bars_stand_on_the_ground_and_keep_to_their_place() -> None:
    first, second = chart(points(20, 40)).marks
    assert (first.x, first.y, first.height) == (250, 500, 500)
    assert (second.x, second.y, second.height) == (750, 0, 1000)
    assert first.left + first.width < 500 < second.left


def test_line_joins_the_marks_and_the_area_closes_at_the_ground() -> None:
    drawn = chart(points(20, 40))
    assert drawn.line == "250,500 750,0"
    assert drawn.area == "250,1000 250,500 750,0 750,1000"


def test_nothing_sold_is_a_flat_chart() -> None:
    drawn = chart(points(0, 0, 0))
    assert [mark.height for mark in drawn.marks] == [0, 0, 0]
    assert [tick.text for tick in drawn.ticks] == ["1", "0"]


def test_no_points_is_an_empty_scale() -> None:
    drawn = chart([])
    assert (drawn.marks, drawn.line, drawn.area) == ((), "", "")


def test_negative_values_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        chart(points(3, -1))
