"""Closed by default: a page asks for sign-in unless its view says it does not."""

from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpResponseRedirect
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from contacts.sessions import signed_in_contact
from kwiga.sites import site_path
from schools.tenancy.scope import in_scope, school_scope


class ClosedByDefaultMiddleware(LoginRequiredMiddleware):
    """Send strangers to sign in: staff on the root host, students on a school's.

    A fragment asked for by htmx navigates the page instead of being swapped.
    """

    def handle_no_permission(self, request: Any, view_func: Any) -> Any:
        if request.is_site:
            return None if _is_student(request) else _to_sign_in(request)
        response = super().handle_no_permission(request, view_func)
        if request.htmx:
            return HttpResponseClientRedirect(response.headers["Location"])
        return response


def _is_student(request: Any) -> bool:
    if not in_scope():  # a view that manages its own scopes
        with school_scope(request.school):
            return signed_in_contact(request) is not None
    return request.contact is not None


def _to_sign_in(request: Any) -> Any:
    """The page to come back to is the one that was looked at; what was posted is not carried over."""
    page = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
    if request.htmx:
        page = request.htmx.current_url_abs_path or ""
    address = site_path("sign_in") + (f"?{urlencode({'next': page})}" if page else "")
    return HttpResponseClientRedirect(address) if request.htmx else HttpResponseRedirect(address)
