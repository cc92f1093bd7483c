"""Probes for whoever keeps the processes running, on any host name."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from kwiga.pages.health import livez, readyz

PROBES = {"/livez": livez, "/readyz": readyz}


class HealthMiddleware:
    """Answer `/livez` and `/readyz` before any other middleware asks for a host, a session or a school."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path)
        return probe(request) if probe else self.get_response(request)
