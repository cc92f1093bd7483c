"""The page behind "no more news" of a mail: a look asks, a POST does it, and a second one takes it back."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from contacts.mailing.links import Wish, read_wish
from contacts.mailing.suppression import suppress
from contacts.models import Suppression
from contacts.services import consent


@login_not_required
@never_cache
@csrf_exempt  # mail programs post without a page (RFC 8058); the signed address is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: Any, signed: str) -> HttpResponse:
    """Ask first: programs that look after mail open links. A POST ends the news, however often it comes."""
    wish = _wish(request, signed)
    if request.method == "POST":
        _end(wish)
    is_over = request.method == "POST" or bool(wish.contact and wish.contact.unsubscribed_at)
    return _page(request, signed, wish, "ended" if is_over else "asked")


@login_not_required
@never_cache
@require_POST
def resubscribe(request: Any, signed: str) -> HttpResponse:
    """News after all."""
    wish = _wish(request, signed)
    if wish.contact is None:
        raise Http404
    consent.subscribe(contact=wish.contact)
    return _page(request, signed, wish, "back")


def _wish(request: Any, signed: str) -> Wish:
    wish = read_wish(signed, request.school)
    if wish is None:
        raise Http404
    return wish


def _end(wish: Wish) -> None:
    if wish.contact:
        consent.unsubscribe(contact=wish.contact)
    else:
        suppress(wish.email_digest, Suppression.Reason.UNSUBSCRIBED)


def _language(request: Any, wish: Wish) -> str:
    """The contact's language, as in the mail that led here, unless the visitor has chosen another one."""
    known = wish.contact.language if wish.contact and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES else ""
    return known or translation.get_language() or settings.LANGUAGE_CODE


def _page(request: Any, signed: str, wish: Wish, state: str) -> HttpResponse:
    context = {"signed": signed, "contact": wish.contact, "state": state, "hide_sign_in": True}
    language = _language(request, wish)
    with translation.override(language):
        response = render(request, "contacts/unsubscribe.html", context)
    response.headers["Content-Language"] = language
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
