"""What every page shares: the look a reader has chosen, its switches, and the style guide."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from kwiga.pages.styleguide import guide

BRAND = "Kwiga"
THEMES = ("system", "light", "dark")
_YEAR_SECONDS = 365 * 24 * 3600


def look(request: HttpRequest) -> dict[str, Any]:
    """Context of every template: brand, theme, and the address that the switches lead back to."""
    return {
        "brand": BRAND,
        "theme": chosen_theme(request),
        # A page whose language comes from its address says so here, so that the switch can change it.
        "address": getattr(request, "way_back", "") or request.get_full_path(),
    }


def chosen_theme(request: HttpRequest) -> str:
    """The theme from the reader's cookie; anything unknown means the system's."""
    theme = request.COOKIES.get("theme", "")
    return theme if theme in THEMES else "system"


@login_not_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or system for a year, and go back."""
    theme = request.POST.get("theme", "")
    response = _back(request)
    if theme in THEMES:
        response.set_cookie(
            "theme",
            theme,
            max_age=_YEAR_SECONDS,
            samesite="Lax",
            secure=request.is_secure(),
        )
    return response


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language for a year, and go back to the same page."""
    language = request.POST.get("language", "")
    response = _back(request, language)
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=_YEAR_SECONDS,
            samesite="Lax",
            secure=request.is_secure(),
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        )
    return response


@login_not_required
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state; in debug only."""
    if not settings.DEBUG:
        raise Http404
    return render(request, "ui/styleguide.html", guide())


def _back(request: HttpRequest, language: str = "") -> HttpResponse:
    """To `next` with its query when it is an address of this host, else home; `lang` in it becomes the new language."""
    address = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    if not safe:
        return HttpResponseRedirect("/")
    return HttpResponseRedirect(_in_language(address, language) if language in dict(settings.LANGUAGES) else address)


def _in_language(address: str, language: str) -> str:
    path, _mark, query = address.partition("?")
    parameters = QueryDict(query, mutable=True)
    if "lang" not in parameters:
        return address
    parameters["lang"] = language
    return f"{path}?{parameters.urlencode()}"


preference_urls = [
    path("preferences/theme/", set_theme, name="preferences_theme"),
    path("preferences/language/", set_language, name="preferences_language"),
]
