"""Which orders were placed in this browser: their numbers, in a signed cookie of the school's host."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse

COOKIE = "orders"
KEPT = 10
_DAY_SECONDS = 24 * 3600


def own_orders(request: Any) -> frozenset[str]:
    """The numbers of the newest orders; none for a cookie that is forged or of another school."""
    return frozenset(_numbers(request))


def remember_order(request: Any, response: HttpResponse, number: str) -> None:
    """Add an order to the cookie, for 30 days."""
    numbers = [number, *(known for known in _numbers(request) if known != number)][:KEPT]
    response.set_signed_cookie(
        COOKIE,
        ".".join(numbers),
        salt=_salt(request),
        max_age=30 * _DAY_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE,
    )


def _numbers(request: Any) -> list[str]:
    text = request.get_signed_cookie(COOKIE, "", salt=_salt(request), max_age=30 * _DAY_SECONDS)
    return [number for number in text.split(".") if number]


def _salt(request: Any) -> str:
    return f"orders of school {request.school.pk}"
