"""Who is asking: staff on the root host, never on a school's."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject


class StaffMiddleware:
    """Give `request.user` on the root host; on a school's host everybody is a visitor.

    A session belongs to one school or to the root: a cookie carried from one host to another opens nothing (T6).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        home = request.school.pk if request.is_site else None
        if request.session.session_key and request.session.get("school_id") != home:
            request.session = SessionStore()
        request.user = AnonymousUser() if request.is_site else SimpleLazyObject(lambda: get_user(request))
        response = self.get_response(request)
        if home and request.session.modified and not request.session.is_empty():
            request.session["school_id"] = home
        return response
