"""Who is asking on a school's host: a contact of that school who signed in, or a visitor."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils import translation

from contacts.sessions import note_visit, signed_in_contact
from kwiga.languages import language_of
from schools.tenancy.scope import in_scope


class StudentMiddleware:
    """Set `request.contact` inside the scope: one query for a browser that signed in, none for a visitor.

    Views that manage their own scopes call `signed_in_contact(request)` in one of them; until then it is None.
    """

    def __init__(self, get_response: Callable[[Any], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.contact = None
        if request.is_site and in_scope() and (contact := signed_in_contact(request)):
            note_visit(contact)
            request.LANGUAGE_CODE = language_of(request, contact=contact.language)
            translation.activate(request.LANGUAGE_CODE)
        return self.get_response(request)
