"""Which language does this reader get? Pages and error pages ask here, so that both always answer the same."""

from typing import Any

from django.conf import settings
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header


def language_of(request: Any, *, offer: str = "", contact: str = "") -> str:
    """The first of these that we speak (K07): the language of the link (`?lang=`), of the offer, of the signed-in
    contact, of the cookie, of the browser, of the school whose site it is, ours. Unknown codes are passed over.
    """
    wanted = _asked(request) or _ours(offer) or _ours(contact) or _chosen(request)
    return wanted or _accepted(request) or _spoken_by_school(request) or settings.LANGUAGE_CODE


def _asked(request: Any) -> str:
    return _ours(request.GET.get("lang", "")) if getattr(request, "is_site", False) else ""


def _chosen(request: Any) -> str:
    code: str = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return _ours(code)


def _accepted(request: Any) -> str:
    """The first of the browser's languages that is among ours; `*`, "any other", leaves the rest open."""
    for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if code == "*":
            break
        if found := _ours(code):
            return found
    return ""


def _spoken_by_school(request: Any) -> str:
    """Empty on the root host, whose pages belong to no school."""
    if not getattr(request, "is_site", False):
        return ""
    return _ours(request.school.language) if getattr(request, "school", None) else ""


def _ours(code: str) -> str:
    """The language of the product that a code means: "uk-UA" is "uk"; empty for one we do not speak."""
    try:
        return get_supported_language_variant(code)
    except LookupError:
        return ""
