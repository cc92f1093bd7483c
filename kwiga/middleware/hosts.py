"""Which site is this? The root host is the dashboard; every other host is a school's, or nobody's."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect

from kwiga.pages.errors import unknown_host
from kwiga.sites import host_url
from schools.models import Domain
from schools.selectors import domain_of_host
from schools.sites import primary_host

# A school may come back to an address it has left: browsers must not remember the way for ever.
_REMEMBERED = "max-age=3600"


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
            domain = domain_of_host(host)
            if domain is None:
                return unknown_host(request)
            if was_left(domain) and request.method in {"GET", "HEAD"}:
                return _lead_on(request, domain)
            request.school = domain.school
            request.urlconf = settings.SITE_URLCONF
        return self.get_response(request)


def was_left(domain: Domain) -> bool:
    """Whether this is an address below the root host that its school had before. What is posted there still counts."""
    return not domain.is_primary and domain.host.endswith(f".{settings.ROOT_HOST}")


def _lead_on(request: Any, domain: Domain) -> HttpResponse:
    response = HttpResponsePermanentRedirect(host_url(primary_host(domain.school), request.get_full_path()))
    response.headers["Cache-Control"] = _REMEMBERED
    return response


def bare_host(host: str) -> str:
    """The host without port and trailing dot, in lower case."""
    name = host.lower()
    if not name.endswith("]"):
        name = name.rsplit(":", 1)[0] if ":" in name else name
    return name.rstrip(".")
