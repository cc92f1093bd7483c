"""Closed by default: a page asks for sign-in unless its view says it does not."""

from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import Http404
from django_htmx.http import HttpResponseClientRedirect


class ClosedByDefaultMiddleware(LoginRequiredMiddleware):
    """Send strangers to sign in: a fragment asked for by htmx navigates the page instead of being swapped."""

    def handle_no_permission(self, request: Any, view_func: Any) -> Any:
        if request.is_site:
            raise Http404
        response = super().handle_no_permission(request, view_func)
        if request.htmx:
            return HttpResponseClientRedirect(response.headers["Location"])
        return response
