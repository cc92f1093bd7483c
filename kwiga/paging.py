"""Pages by keyset: a page starts behind a row, so page 1 000 costs what page 1 costs and nothing is counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest

PAGE_SIZE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Page:
    """One page of rows with the addresses of its neighbors, empty where there is none."""

    rows: Sequence[Any]
    previous: str
    next: str


def page_of(rows: QuerySet[Any], request: HttpRequest, size: int = PAGE_SIZE) -> Page:
    """The page of `rows` (newest first by created_at, id) that `?after=` or `?before=` asks for.

    A cursor that makes no sense means the first page.
    """
    after, before = _read(request.GET.get("after", "")), _read(request.GET.get("before", ""))
    if before and not after:
        found = list(rows.filter(_newer(*before)).order_by("created_at", "id")[: size + 1])
        shown = found[:size][::-1]
        return Page(shown, _address(request, "before", shown[0]) if len(found) > size else "", _next(request, shown))
    older = rows.filter(_older(*after)) if after else rows
    found = list(older.order_by("-created_at", "-id")[: size + 1])
    shown = found[:size]
    previous = _address(request, "before", shown[0]) if after and shown else ""
    return Page(shown, previous, _next(request, shown) if len(found) > size else "")


def behind(row: Any) -> Q:
    """The condition for what comes after this row, newest first by created_at, id."""
    return _older(row.created_at, row.pk)


def _older(at: datetime, pk: int) -> Q:
    # The first condition alone lets Postgres use the index; the second settles rows of the same instant.
    return Q(created_at__lte=at) & (Q(created_at__lt=at) | Q(id__lt=pk))


def _newer(at: datetime, pk: int) -> Q:
    return Q(created_at__gte=at) & (Q(created_at__gt=at) | Q(id__gt=pk))


def _next(request: HttpRequest, shown: Sequence[Any]) -> str:
    return _address(request, "after", shown[-1]) if shown else ""


def _address(request: HttpRequest, direction: str, row: Any) -> str:
    query = request.GET.copy()
    query.pop("after", None)
    query.pop("before", None)
    query[direction] = f"{(row.created_at - _EPOCH) // timedelta(microseconds=1)}-{row.pk}"
    return f"?{query.urlencode()}"


def _read(cursor: str) -> tuple[datetime, int] | None:
    microseconds, _, pk = cursor.partition("-")
    if not (microseconds.isdecimal() and pk.isdecimal() and len(cursor) < 40):
        return None
    try:
        return _EPOCH + timedelta(microseconds=int(microseconds)), min(int(pk), 2**63 - 1)
    except OverflowError:
        return None
