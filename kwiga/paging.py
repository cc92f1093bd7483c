"""Pages by keyset: a page starts behind a row, so page 1 000 costs what page 1 costs and nothing is counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import IntegerField, Q, QuerySet, Subquery
from django.http import HttpRequest

PAGE_SIZE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CURSOR_LENGTH = 120

type Key = datetime | int | str


@dataclass(frozen=True)
class Page:
    """One page of rows with the addresses of its neighbors, empty where there is none."""

    rows: Sequence[Any]
    previous: str
    next: str


@dataclass(frozen=True)
class Sort:
    """An order of rows: by a column or an annotation that is never null, then by id; its index holds both."""

    field: str = "created_at"
    descending: bool = True
    kind: type[datetime] | type[int] | type[str] = datetime

    @property
    def columns(self) -> tuple[str, str]:
        """For `order_by`."""
        return (f"-{self.field}", "-id") if self.descending else (self.field, "id")

    @property
    def reversed(self) -> "Sort":
        return Sort(self.field, not self.descending, self.kind)

    def behind(self, key: Key, pk: int) -> Q:
        """The condition for what comes after the row with this key and id."""
        step = "lt" if self.descending else "gt"
        # The first condition alone lets Postgres use the index; the second settles rows with the same key.
        return Q(**{f"{self.field}__{step}e": key}) & (Q(**{f"{self.field}__{step}": key}) | Q(**{f"id__{step}": pk}))

    def cursor_of(self, row: Any) -> str:
        """Where the row stands, for an address."""
        key = getattr(row, self.field)
        return f"{(key - _EPOCH) // timedelta(microseconds=1) if self.kind is datetime else key}-{row.pk}"

    def read(self, cursor: str) -> tuple[Key, int] | None:
        """Key and id of a cursor; None when it makes no sense."""
        typed, _, pk = cursor.rpartition("-")
        if not typed or not _is_number(pk) or len(cursor) > _CURSOR_LENGTH or "\0" in cursor:
            return None
        key = self._key_of(typed)
        return None if key is None else (key, int(pk))

    def _key_of(self, typed: str) -> Key | None:
        if self.kind is str:
            return typed
        if not _is_number(typed):
            return None
        if self.kind is int:
            return int(typed)
        try:
            return _EPOCH + timedelta(microseconds=int(typed))
        except OverflowError:
            return None


def _is_number(typed: str) -> bool:
    """Whether it can be a number of the database's largest kind."""
    return typed.isdecimal() and len(typed) < 20 and int(typed) < 2**63


NEWEST_FIRST = Sort()


def page_of(rows: QuerySet[Any], request: HttpRequest, size: int = PAGE_SIZE, *, sort: Sort = NEWEST_FIRST) -> Page:
    """The page of `rows` in the order of `sort` (newest first by default) that `?after=` or `?before=` asks for.

    A cursor that makes no sense means the first page.
    """
    after, before = sort.read(request.GET.get("after", "")), sort.read(request.GET.get("before", ""))
    if before and not after:
        back = sort.reversed
        found = list(rows.filter(back.behind(*before)).order_by(*back.columns)[: size + 1])
        shown = found[:size][::-1]
        previous = _address(request, "before", sort, shown[0]) if len(found) > size else ""
        return Page(shown, previous, _next(request, sort, shown))
    later = rows.filter(sort.behind(*after)) if after else rows
    found = list(later.order_by(*sort.columns)[: size + 1])
    shown = found[:size]
    previous = _address(request, "before", sort, shown[0]) if after and shown else ""
    return Page(shown, previous, _next(request, sort, shown) if len(found) > size else "")


def behind(row: Any) -> Q:
    """The condition for what comes after this row, newest first by created_at, id."""
    return NEWEST_FIRST.behind(row.created_at, row.pk)


def _next(request: HttpRequest, sort: Sort, shown: Sequence[Any]) -> str:
    return _address(request, "after", sort, shown[-1]) if shown else ""


def _address(request: HttpRequest, direction: str, sort: Sort, row: Any) -> str:
    query = request.GET.copy()
    query.pop("after", None)
    query.pop("before", None)
    query[direction] = sort.cursor_of(row)
    return f"?{query.urlencode()}"


@dataclass(frozen=True)
class Count:
    """How many rows there are, up to a limit; `is_more` when there are more than that."""

    number: int
    is_more: bool


def count_beside(page: Page, rows: QuerySet[Any, Any], limit: int) -> Count:
    """Count `rows` as `count_up_to` does; when the page holds all of them, nothing is asked."""
    if page.previous or page.next:
        return count_up_to(rows, limit)
    return Count(min(len(page.rows), limit), len(page.rows) > limit)


class CountUpTo(Subquery):
    """How many rows a correlated query has, counted no further than a limit; one more stands for all above it."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"

    def __init__(self, rows: QuerySet[Any, Any], limit: int) -> None:
        super().__init__(rows.order_by().values("pk")[: limit + 1], output_field=IntegerField())


def count_up_to(rows: QuerySet[Any, Any], limit: int) -> Count:
    """Count no further than a limit, so that the largest list costs as little as a middling one."""
    number = rows.order_by().values("pk")[: limit + 1].count()
    return Count(min(number, limit), number > limit)
