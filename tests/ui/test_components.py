"""Every component has a sample, and every sample is sound HTML in every language."""

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings
from django.utils import translation
from django_cotton.utils import render_component

from kwiga.pages.styleguide import SAMPLES, component_names, sample_context
from kwiga.pages.ui import styleguide
from tests.ui.html import faults, parse

CSS = "\n".join(path.read_text() for path in sorted((settings.ROOT / "static" / "css").glob("*.css")))
VARIANTS = {
    "button": ("primary", "secondary", "ghost", "danger"),
    "badge": ("neutral", "ok", "warn", "danger", "info"),
    "alert": ("info", "ok", "warn", "danger"),
    "toast": ("info", "ok", "success", "warn", "warning", "danger", "error"),
    "table": ("stack", "scroll"),
}


@pytest.fixture
def request_of_nobody(rf: RequestFactory) -> HttpRequest:
    request = rf.get("/styleguide/?page=2")
    request.user = AnonymousUser()
    return request


def test_every_component_has_a_sample() -> None:
    shown = {
        name
        for path in SAMPLES.glob("*.html")
        for name in re.findall(r"<c-([a-z.-]+)", path.read_text())
        if name != "slot"
    }
    assert sorted(shown & set(component_names())) == sorted(component_names())


@pytest.mark.parametrize("language", ["en", "uk", "pl"])
@pytest.mark.parametrize("sample", sorted(path.name for path in SAMPLES.glob("*.html")))
def test_sample_is_sound(request_of_nobody: HttpRequest, sample: str, language: str) -> None:
    with translation.override(language):
        html = render_to_string(f"ui/samples/{sample}", sample_context(), request_of_nobody)
    assert html.strip()
    assert faults(html) == []


@pytest.mark.parametrize(("name", "variant"), [(name, variant) for name in VARIANTS for variant in VARIANTS[name]])
def test_variant_is_drawn_and_has_a_style(request_of_nobody: HttpRequest, name: str, variant: str) -> None:
    root = {"button": "btn"}.get(name, name)
    page = parse(render_component(request_of_nobody, name, {"variant": variant}))
    assert any(f"{root}-{variant}" in classes.split() for classes in page.values("class"))
    assert f".{root}-{variant}" in CSS or variant == "scroll"


def test_user_text_is_escaped(request_of_nobody: HttpRequest) -> None:
    html = render_component(request_of_nobody, "empty", {"title": '"><script>alert(1)</script>'})
    assert "<script>" not in html


def test_button_with_an_address_is_a_link(request_of_nobody: HttpRequest) -> None:
    page = parse(render_component(request_of_nobody, "button", {"href": "/offers/"}))
    assert page.all("a")[0].attributes["href"] == "/offers/"
    assert not page.all("button")


@override_settings(DEBUG=True)
def test_styleguide_shows_all_samples_in_one_sound_page(request_of_nobody: HttpRequest) -> None:
    html = styleguide(request_of_nobody).content.decode()
    assert faults(html) == []
    sections = {element.attributes.get("id") for element in parse(html).all("section")}
    assert {f"guide-{path.stem.replace('_', '-')}" for path in SAMPLES.glob("*.html")} <= sections


@override_settings(DEBUG=False)
def test_styleguide_is_for_debugging_only(request_of_nobody: HttpRequest) -> None:
    with pytest.raises(Http404):
        styleguide(request_of_nobody)
