"""Addresses of schools: their shape, what is reserved, and what is made from a name."""

import pytest
from django.conf import settings
from django.urls import get_resolver

from kwiga.middleware.health import PROBES
from schools.models import School
from schools.slugs import RESERVED, SlugRefused, check_slug, suggest_slug


def first_segments(urlconf: str) -> set[str]:
    """The fixed words with which addresses of a URLconf begin."""
    routes = [str(pattern.pattern) for pattern in _flat(get_resolver(urlconf))]
    return {route.split("/")[0] for route in routes if route and not route.startswith("<")}


def _flat(resolver):
    for pattern in resolver.url_patterns:
        # An include with an empty prefix only groups addresses.
        if hasattr(pattern, "url_patterns") and not str(pattern.pattern):
            yield from _flat(pattern)
        else:
            yield pattern


def test_every_first_segment_of_the_root_host_is_reserved():
    segments = first_segments(settings.ROOT_URLCONF)
    assert {"accounts", "account", "schools", "preferences"} <= segments
    assert segments - RESERVED == set()
    assert {path.strip("/") for path in PROBES} | {settings.STATIC_URL.strip("/")} <= RESERVED


def test_a_new_first_segment_would_be_noticed(settings):
    """The control: an address added to the URLconf is not on the list."""
    settings.SITE_URLCONF = "tests.tenancy.extra_urls"
    assert "forgotten" in first_segments(settings.SITE_URLCONF) - RESERVED


@pytest.mark.parametrize("slug", ["yoga", "a1b", "my-school-2", "a" * 40, "123"])
def test_good_addresses_pass(slug):
    check_slug(slug)


@pytest.mark.parametrize(
    "slug",
    [
        *(
            "",
            "ab",
            "a" * 41,
            "Yoga",
            "my_school",
            "my school",
            "-yoga",
            "yoga-",
            "my--school",
            "йога",
            "yo.ga",
            "xn--80a",
        ),
        *("www", "api", "mail", "admin", "static", "accounts", "schools", "mailbox", "livez", "webhooks", "yoga\n"),
    ],
)
def test_bad_addresses_are_refused_with_a_sentence(slug):
    with pytest.raises(SlugRefused) as refusal:
        check_slug(slug)
    assert str(refusal.value).endswith(".")


@pytest.mark.django_db
def test_the_database_agrees_about_the_shape():
    constraint = next(each for each in School._meta.constraints if each.name == "school_slug_shape")
    for slug, fits in {"my-school": True, "my--school": False, "Yoga": False, "-yoga": False}.items():
        assert constraint.condition.check({"slug": slug}) is fits, slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Sample School", "sample-school"),
        ("Школа йоги", "shkola-yohy"),
        ("Школа «Щастя» №1", "shkola-shchastia-no1"),
        ("П’ятниця", "piatnytsia"),
        ("Łódź — Żółw", "lodz-zolw"),
        ("Rock & Roll!", "rock-and-roll"),
        ("  Café  Ölçü ", "cafe-olcu"),
        ("日本", ""),
        ("X", ""),
        ("a" * 39 + " b", "a" * 39),
    ],
)
def test_a_name_becomes_an_address(name, slug):
    assert suggest_slug(name) == slug
    if slug:
        check_slug(slug)
