"""Geometry of the charts that the server draws. Coordinates are per mille of the plot, y downwards."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

SIZE = 1000
_BAR_SHARE = 0.62
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Point:
    """One value of a series: what it is called, how much, and the amount as people read it ("UAH 1,200")."""

    label: str
    value: float
    text: str


@dataclass(frozen=True)
class Mark:
    """A point on the plot: `x` is its middle; a bar reaches `height` down from `y` and is `width` wide from `left`."""

    point: Point
    x: int
    y: int
    left: int
    width: int
    height: int


@dataclass(frozen=True)
class Tick:
    """A line of the scale with its text; `y` on the plot."""

    text: str
    y: int


@dataclass(frozen=True)
class Chart:
    """All that the template needs: marks in order, the scale from the top down, and the paths of a line."""

    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    line: str
    area: str


def chart(points: Sequence[Point], *, scale_text: Callable[[float], str] = "{:g}".format) -> Chart:
    """Place the points side by side under a scale of round numbers that starts at zero.

    Raises ValueError for a negative value: the charts show amounts and counts.
    """
    if any(point.value < 0 for point in points):
        raise ValueError("a chart of amounts has no negative value")
    step = _round_step(max((point.value for point in points), default=0))
    count = max(1, ceil(max((point.value for point in points), default=0) / step))
    marks = tuple(_mark(point, place, len(points), step * count) for place, point in enumerate(points))
    ticks = tuple(Tick(scale_text(step * place), round(SIZE - SIZE * place / count)) for place in range(count, -1, -1))
    line = " ".join(f"{mark.x},{mark.y}" for mark in marks)
    area = f"{marks[0].x},{SIZE} {line} {marks[-1].x},{SIZE}" if marks else ""
    return Chart(marks, ticks, line, area)


def _mark(point: Point, place: int, count: int, top: float) -> Mark:
    slot = SIZE / count
    width = slot * _BAR_SHARE
    middle = slot * (place + 0.5)
    height = round(SIZE * point.value / top)
    return Mark(
        point,
        round(middle),
        SIZE - height,
        round(middle - width / 2),
        round(width),
        height,
    )


def _round_step(highest: float) -> float:
    """The distance of the scale's lines: 1, 2, 2.5 or 5 times a power of ten, at most four lines above zero."""
    if highest <= 0:
        return 1
    magnitude = 10.0 ** floor(log10(highest / 4))
    return next(magnitude * step for step in _STEPS if magnitude * step * 4 >= highest)
