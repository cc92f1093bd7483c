"""Pages for when something is wrong. They need no database, no session and no user, so they work when those do not."""

import sys
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.http import escape_leading_slashes, url_has_allowed_host_and_scheme

from kwiga.languages import language_of
from kwiga.pages.ui import BRAND, chosen_theme

_DATABASE_PAUSE_SECONDS = 30


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The browser sent something that makes no sense."""
    return _page(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A member without the right."""
    return _page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Nothing at this address, or not for this person."""
    return _page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Our fault; "try again soon" when it is a database that is away, full or waiting for a lock."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return unavailable(request, _DATABASE_PAUSE_SECONDS)
    return _page(request, 500)


def unknown_host(request: HttpRequest) -> HttpResponse:
    """A host that belongs to no school; there is no home page to lead to."""
    return _page(request, 404, template="host")


def gone(request: HttpRequest) -> HttpResponse:
    """It was here once and has been taken away for good."""
    return _page(request, 410)


def too_many_requests(request: HttpRequest, retry_after: int = 60) -> HttpResponse:
    """Too many tries; `retry_after` in seconds."""
    return _later(_page(request, 429, minutes=_minutes(retry_after)), retry_after)


def unavailable(request: HttpRequest, retry_after: int) -> HttpResponse:
    """Closed for a moment; `retry_after` in seconds."""
    return _later(_page(request, 503, minutes=_minutes(retry_after)), retry_after)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid token: an old page, or cookies switched off."""
    return _page(request, 403, template="csrf", form_address=_where_the_form_was(request))


def _page(request: HttpRequest, status: int, template: str = "", **context: Any) -> HttpResponse:
    """Render without the request, so that no context processor reads a session or a user."""
    language = getattr(request, "LANGUAGE_CODE", None) or language_of(request)
    shown = {
        "brand": BRAND,
        "status": status,
        "theme": chosen_theme(request),
        "request_id": getattr(request, "request_id", ""),
        "same_address": escape_leading_slashes(request.get_full_path()) if request.method == "GET" else "",
        **context,
    }
    with translation.override(language):
        html = render_to_string(f"ui/errors/{template or status}.html", shown)
    return HttpResponse(
        html,
        status=status,
        headers={"Content-Language": language, "Cache-Control": "no-store"},
    )


def _where_the_form_was(request: HttpRequest) -> str:
    address = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if safe else "/"


def _later(response: HttpResponse, retry_after: int) -> HttpResponse:
    response.headers["Retry-After"] = str(retry_after)
    return response


def _minutes(seconds: int) -> int:
    return max(1, -(-seconds // 60))
