"""Error pages: right status, kind words, a way on; no database, no session, no user.

None of these tests may touch the database, so pytest-django fails whichever page does.
"""

from collections.abc import Callable
from importlib import import_module

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation
from django.utils.module_loading import import_string

from kwiga.pages import errors
from tests.ui.html import faults, parse

PAGES: dict[str, tuple[int, Callable[[HttpRequest], HttpResponse]]] = {
    "bad_request": (400, lambda request: errors.bad_request(request, Exception())),
    "permission_denied": (403, lambda request: errors.permission_denied(request, Exception())),
    "csrf_failure": (403, lambda request: errors.csrf_failure(request, "CSRF cookie not set.")),
    "not_found": (404, lambda request: errors.not_found(request, Exception())),
    "unknown_host": (404, errors.unknown_host),
    "gone": (410, errors.gone),
    "too_many_requests": (429, lambda request: errors.too_many_requests(request, 90)),
    "server_error": (500, errors.server_error),
    "unavailable": (503, lambda request: errors.unavailable(request, 300)),
}


@pytest.mark.parametrize("language", ["en", "uk", "pl"])
@pytest.mark.parametrize("name", PAGES)
def test_page_is_sound_and_says_what_to_do(rf: RequestFactory, name: str, language: str) -> None:
    status, view = PAGES[name]
    request = rf.get("/somewhere/", headers={"accept-language": language})
    request.request_id = "9f3c2ab17de04c55"  # type: ignore[attr-defined]

    response = view(request)

    html = response.content.decode()
    page = parse(html)
    assert response.status_code == status
    assert faults(html) == []
    assert page.all("html")[0].attributes["lang"] == language
    assert len(page.all("h1")) == 1
    assert "9f3c2ab17de04c55" in html
    assert bool(page.all("a")) == (name != "unknown_host")
    assert response.headers["Cache-Control"] == "no-store"


def test_page_keeps_the_language_of_the_request(rf: RequestFactory) -> None:
    request = rf.get("/", headers={"accept-language": "en"})
    request.LANGUAGE_CODE = "pl"
    with translation.override("uk"):
        html = errors.server_error(request).content.decode()
        assert translation.get_language() == "uk"
    assert '<html lang="pl"' in html


@pytest.mark.parametrize(("cookie", "shown"), [("dark", "dark"), ("light", "light"), ('"><script>', "system")])
def test_page_keeps_the_theme(rf: RequestFactory, cookie: str, shown: str) -> None:
    rf.cookies["theme"] = cookie
    html = errors.server_error(rf.get("/")).content.decode()
    assert parse(html).all("html")[0].attributes["data-theme"] == shown


@pytest.mark.parametrize(("seconds", "minutes"), [(1, "1"), (60, "1"), (61, "2"), (3600, "60")])
def test_waiting_time_is_said_and_sent(rf: RequestFactory, seconds: int, minutes: str) -> None:
    response = errors.too_many_requests(rf.get("/"), seconds)
    assert response.headers["Retry-After"] == str(seconds)
    assert f"Wait {minutes} minute" in response.content.decode()


@pytest.mark.parametrize(
    ("referer", "way"),
    [
        ("http://testserver/offers/?page=2", "http://testserver/offers/?page=2"),
        ("http://elsewhere.test/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_csrf_page_leads_back_to_the_form_on_this_host_only(rf: RequestFactory, referer: str, way: str) -> None:
    response = errors.csrf_failure(rf.post("/offers/", headers={"referer": referer}))
    assert parse(response.content.decode()).all("a")[0].attributes["href"] == way


@pytest.mark.parametrize(
    ("path", "again"), [("/offers/?page=2", "/offers/?page=2"), ("//evil.test/x", "/%2Fevil.test/x")]
)
def test_what_failed_for_a_moment_can_be_tried_again(rf: RequestFactory, path: str, again: str) -> None:
    request = rf.get("/")
    request.path, request.META["QUERY_STRING"] = path.partition("?")[0], path.partition("?")[2]
    ways = [link.attributes["href"] for link in parse(errors.server_error(request).content.decode()).all("a")]
    assert ways == [again, "/"]


def test_what_was_sent_is_not_sent_again(rf: RequestFactory) -> None:
    ways = [link.attributes["href"] for link in parse(errors.server_error(rf.post("/x/")).content.decode()).all("a")]
    assert ways == ["/"]


@pytest.mark.parametrize("urlconf", [settings.ROOT_URLCONF, settings.SITE_URLCONF])
@pytest.mark.parametrize(
    ("handler", "view"),
    [
        ("handler400", errors.bad_request),
        ("handler403", errors.permission_denied),
        ("handler404", errors.not_found),
        ("handler500", errors.server_error),
    ],
)
def test_both_sites_use_these_pages(urlconf: str, handler: str, view: Callable[..., HttpResponse]) -> None:
    assert import_string(getattr(import_module(urlconf), handler)) is view


def test_sign_in_limits_use_these_pages(rf: RequestFactory) -> None:
    response = import_string(import_module(settings.ROOT_URLCONF).handler429)(rf.get("/accounts/login/"))
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "60"


def test_a_form_without_token_gets_the_page() -> None:
    client = Client(enforce_csrf_checks=True, headers={"host": settings.ROOT_HOST})
    response = client.post("/preferences/theme/", {"theme": "dark"})
    assert response.status_code == 403
    assert "This form is too old to be sent" in response.content.decode()
