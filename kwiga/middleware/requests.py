"""One log line a request (files apart), and an id that ties it to its tasks and to the error page a person sees."""

import time
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpResponse

logger = structlog.get_logger("kwiga.request")


class RequestLogMiddleware:
    """Bind `request_id` to every log line below. The view's name is logged, never the path: links carry tokens."""

    def __init__(self, get_response: Callable[[Any], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.request_id = uuid.uuid4().hex[:16]
        begun = time.monotonic()
        with structlog.contextvars.bound_contextvars(request_id=request.request_id):
            response = self.get_response(request)
            if not request.path.startswith(settings.STATIC_URL):
                _log(request, response, time.monotonic() - begun)
        response.headers["X-Request-ID"] = request.request_id
        return response


def _log(request: Any, response: HttpResponse, seconds: float) -> None:
    match = request.resolver_match
    logger.info(
        "request",
        method=request.method,
        view=match.view_name if match else None,
        status=response.status_code,
        school=getattr(getattr(request, "school", None), "pk", None),
        duration_ms=round(seconds * 1000),
    )
