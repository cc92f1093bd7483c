"""The scope around a request: one transaction for view and rendering, in which only this school exists."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import timezone

from kwiga.errors import Gone
from kwiga.pages.errors import gone
from schools.access import allowed
from schools.selectors import member_of, school_of_left_slug, school_of_slug
from schools.tenancy.scope import ScopeError, school_scope


class SchoolScopeMiddleware:
    """Find the school (host or first path segment) and the member, and hold the scope around the view.

    An answer of 400 or above keeps nothing that was written. Strangers get 404, members without the right 403.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        match = _match(request)
        if match and not request.is_site:
            request.school = _school_of_path(request, match)
        if request.school is None or match is None:
            return self.get_response(request)
        if getattr(match.func, "manages_scopes", False):
            if not request.is_site and not getattr(match.func, "for_guests", False):
                # The door is kept all the same; the scopes behind it are the view's own.
                with school_scope(request.school):
                    request.member = member_of(request.school, request.user)
            return self.get_response(request)
        with school_scope(request.school), timezone.override(request.school.time_zone):
            request.member = None if request.is_site else member_of(request.school, request.user)
            response = self.get_response(request)
            if response.streaming and not getattr(response, "tenant_safe", False):
                raise ScopeError("A streamed body runs after the scope: open one inside, and say tenant_safe.")
            if response.status_code >= 400:
                transaction.set_rollback(True)
        return response

    def process_view(self, request: Any, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        """Check the door of a dashboard page, and take the school off the view's arguments."""
        if kwargs.pop("school", None) is None or getattr(view, "for_guests", False):
            return
        if request.member is None:
            raise Http404
        if not allowed(view, request.member):
            raise PermissionDenied

    def process_exception(self, request: Any, exception: Exception) -> HttpResponse | None:
        """The page for what is gone, as Django has one for what is not found."""
        return gone(request) if isinstance(exception, Gone) else None


def _match(request: Any) -> ResolverMatch | None:
    try:
        return resolve(request.path_info, getattr(request, "urlconf", None))
    except Resolver404:
        return None


def _school_of_path(request: Any, match: ResolverMatch) -> Any:
    slug = match.kwargs.get("school")
    guests = getattr(match.func, "for_guests", False)
    # Somebody not signed in is sent to sign in by ClosedByDefaultMiddleware, whether the school exists or not.
    if not slug or not (guests or request.user.is_authenticated):
        return None
    # Secret links in mails and notices of providers find a school that has another address by now.
    return school_of_slug(slug) or (school_of_left_slug(slug) if guests else None)
