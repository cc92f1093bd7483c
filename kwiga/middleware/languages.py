"""In which language is this answer written?"""

from typing import Any

from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from kwiga.languages import language_of


class LanguageMiddleware(LocaleMiddleware):
    """Activate the reader's language; a visitor of a school's site who speaks none of ours gets the school's.

    Comes after HostMiddleware, which knows the school. Content-Language and Vary are Django's.
    """

    def process_request(self, request: Any) -> None:
        request.LANGUAGE_CODE = language_of(request)
        translation.activate(request.LANGUAGE_CODE)
