"""Page or fragment: the one place that decides."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails


def render_partial(request: HttpRequest, template: str, partial: str, context: dict[str, Any]) -> HttpResponse:
    """The whole page, or its named partial when htmx asked for a fragment."""
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    wants_fragment = htmx and not (htmx.boosted or htmx.history_restore_request)
    response = render(request, f"{template}#{partial}" if wants_fragment else template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response
