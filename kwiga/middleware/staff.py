"""Who is asking: staff on the root host, never on a school's."""

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse


class StaffMiddleware(AuthenticationMiddleware):
    """Give `request.user` on the root host; on a school's host everybody is a visitor.

    A session belongs to one school or to the root: a cookie carried from one host to another opens nothing (T6).
    """

    def process_request(self, request: Any) -> None:
        if request.session.session_key and request.session.get("school_id") != _home(request):
            request.session = SessionStore()
        super().process_request(request)
        if request.is_site:
            request.user = AnonymousUser()

    def process_response(self, request: Any, response: HttpResponse) -> HttpResponse:
        if request.is_site and request.session.modified and not request.session.is_empty():
            request.session["school_id"] = _home(request)
        return response


def _home(request: Any) -> int | None:
    return request.school.pk if request.is_site else None
