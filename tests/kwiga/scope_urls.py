"""A school's site whose pages write an event and then answer in every way a view can."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.urls import path

from kwiga.urls_site import handler400, handler403, handler404, handler500  # noqa: F401
from schools.access import manages_scopes
from schools.journal import record_event
from schools.tenancy.scope import in_scope


def writing(answer: Any) -> Any:
    """A view that writes, then gives or raises the answer."""

    @login_not_required
    def view(request: Any) -> Any:
        record_event("test.written")
        if isinstance(answer, Exception):
            raise answer
        return answer()

    return view


def alone(request: Any) -> HttpResponse:
    """A view that opens its own scopes says whether one is open around it."""
    return HttpResponse(str(in_scope()))


urlpatterns = [
    path("fine/", writing(lambda: HttpResponse("fine"))),
    path("conflict/", writing(lambda: HttpResponse("conflict", status=409))),
    path("unavailable/", writing(lambda: HttpResponse("later", status=503))),
    path("missing/", writing(Http404())),
    path("forbidden/", writing(PermissionDenied())),
    path("broken/", writing(RuntimeError("broken"))),
    path("stream/", writing(lambda: StreamingHttpResponse(["late"]))),
    path("alone/", login_not_required(manages_scopes(alone))),
]
