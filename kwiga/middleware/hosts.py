"""Which site is this? The root host is the dashboard; every other host is a school's, or nobody's."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from kwiga.pages.errors import unknown_host
from schools.selectors import school_of_host


class HostMiddleware:
    """Set `request.school` and `request.urlconf` from the Host header; 404 for a host in no table (trust T4).

    Upper case, a port and a trailing dot mean the same host; a malformed header is Django's 400.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        host = bare_host(request.get_host())
        request.school = request.member = None
        request.is_site = host != settings.ROOT_HOST
        if request.is_site:
            school = school_of_host(host)
            if school is None:
                return unknown_host(request)
            request.school = school
            request.urlconf = settings.SITE_URLCONF
        return self.get_response(request)


def bare_host(host: str) -> str:
    """The host without port and trailing dot, in lower case."""
    name = host.lower()
    if not name.endswith("]"):
        name = name.rsplit(":", 1)[0] if ":" in name else name
    return name.rstrip(".")
