"""The switches of theme and language: they remember, they lead back, and they lead nowhere else."""

import pytest
from django.conf import settings
from django.test import Client, RequestFactory

from kwiga.pages.ui import look

SWITCHES = [("/preferences/theme/", "theme", "dark"), ("/preferences/language/", "language", "uk")]
ELSEWHERE = [
    "",
    "https://evil.test/",
    "//evil.test/",
    "///evil.test/",
    "/\\evil.test/",
    "\\\\evil.test/",
    "http:///evil.test/",
    "http:evil.test",
    "javascript:alert(1)",
    "data:text/html,hello",
    " https://evil.test/",
    "http://localhost.evil.test/",
    "http://localhost@evil.test/",
]


@pytest.fixture
def client() -> Client:
    return Client(headers={"host": settings.ROOT_HOST})


@pytest.mark.parametrize("address", ELSEWHERE)
@pytest.mark.parametrize(("url", "name", "value"), SWITCHES)
def test_switch_never_leads_to_another_site(client: Client, url: str, name: str, value: str, address: str) -> None:
    response = client.post(url, {name: value, "next": address})
    assert (response.status_code, response.headers["Location"]) == (302, "/")


@pytest.mark.parametrize(("url", "name", "value"), SWITCHES)
def test_switch_leads_back_with_the_query(client: Client, url: str, name: str, value: str) -> None:
    response = client.post(url, {name: value, "next": "/o/TnHG7QjEFukO?coupon=SPRING&page=2"})
    assert response.headers["Location"] == "/o/TnHG7QjEFukO?coupon=SPRING&page=2"


@pytest.mark.parametrize(("url", "name", "value"), SWITCHES)
def test_switch_does_nothing_when_it_is_only_visited(client: Client, url: str, name: str, value: str) -> None:
    response = client.get(url, {name: value})
    assert response.status_code == 405
    assert not response.cookies


@pytest.mark.parametrize("theme", ["light", "dark", "system"])
def test_theme_is_remembered_for_a_year(client: Client, theme: str) -> None:
    cookie = client.post("/preferences/theme/", {"theme": theme}).cookies["theme"]
    assert (cookie.value, cookie["max-age"], cookie["samesite"], cookie["path"]) == (theme, 31_536_000, "Lax", "/")


def test_theme_is_in_the_page_before_any_script_runs(rf: RequestFactory) -> None:
    rf.cookies["theme"] = "dark"
    assert look(rf.get("/a/?b=c")) == {"brand": "Kwiga", "theme": "dark", "address": "/a/?b=c"}


@pytest.mark.parametrize("language", ["en", "uk", "pl"])
def test_language_is_remembered_for_a_year(client: Client, language: str) -> None:
    cookie = client.post("/preferences/language/", {"language": language}).cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie.value, cookie["max-age"], cookie["samesite"]) == (language, 31_536_000, "Lax")


@pytest.mark.parametrize(
    ("url", "data"),
    [
        ("/preferences/theme/", {"theme": "pink"}),
        ("/preferences/theme/", {}),
        ("/preferences/language/", {"language": "de"}),
        ("/preferences/language/", {"language": "../en"}),
        ("/preferences/language/", {}),
    ],
)
def test_unknown_choices_are_not_remembered(client: Client, url: str, data: dict[str, str]) -> None:
    response = client.post(url, data)
    assert response.status_code == 302
    assert not response.cookies
