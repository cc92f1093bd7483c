"""Absolute addresses: the dashboard on the root host, each school's site on its own."""

from django.conf import settings
from django.urls import reverse


def root_url(name: str, *args: object) -> str:
    """The absolute address of a page of the root host; never built from a request's Host header."""
    return settings.BASE_URL.rstrip("/") + reverse(name, urlconf=settings.ROOT_URLCONF, args=args)


def host_url(host: str, path: str) -> str:
    """The absolute address of a path on a school's host."""
    port = f":{settings.SITE_PORT}" if settings.SITE_PORT else ""
    return f"{settings.SITE_SCHEME}://{host}{port}{path}"


def site_path(name: str, *args: object) -> str:
    """The path of a page of a school's site."""
    return reverse(name, urlconf=settings.SITE_URLCONF, args=args)


def site_host(slug: str) -> str:
    """The host every school gets: its slug below the root host."""
    return f"{slug}.{settings.ROOT_HOST}"
