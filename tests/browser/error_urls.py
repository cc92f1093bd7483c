"""The root site with an address for each error page."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path

from kwiga.pages import errors
from kwiga.urls_root import handler400, handler403, handler404, handler500  # noqa: F401
from kwiga.urls_root import urlpatterns as product


def raising(error: Exception) -> Any:
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    return login_not_required(view)


VIEWS = {
    "bad-request": raising(BadRequest()),
    "forbidden": raising(PermissionDenied()),
    "gone": login_not_required(errors.gone),
    "too-many": login_not_required(lambda request: errors.too_many_requests(request, retry_after=90)),
    "unavailable": login_not_required(lambda request: errors.unavailable(request, retry_after=5)),
    "csrf": login_not_required(errors.csrf_failure),
    "server-error": login_not_required(errors.server_error),
}

urlpatterns = [*(path(f"errors/{name}/", view) for name, view in VIEWS.items()), *product]
