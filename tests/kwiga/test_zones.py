"""Time zones under the names people know."""

from zoneinfo import ZoneInfo

import pytest

from kwiga.zones import zone_city, zone_names

LANGUAGES = ["en", "uk", "pl"]


@pytest.mark.parametrize(
    ("language", "name"), [("en", "Kyiv, Ukraine"), ("uk", "Київ, Україна"), ("pl", "Kijów, Ukraina")]
)
def test_a_zone_is_named_by_city_and_country_in_the_readers_language(language: str, name: str) -> None:
    assert dict(zone_names(language))["Europe/Kyiv"] == name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_zone_is_real_and_listed_once_under_a_name_of_its_own(language: str) -> None:
    zones, names = zip(*zone_names(language), strict=True)
    assert [ZoneInfo(zone).key for zone in zones] == list(zones)
    assert len(set(zones)) == len(set(names)) == len(zones) > 400
    assert "Europe/Kiev" not in zones


@pytest.mark.parametrize(
    ("language", "ordered"),
    [
        ("en", ["Santarem", "São Tomé", "Sarajevo"]),
        ("uk", ["Ермосільйо", "Єреван", "Загреб", "Індіанаполіс", "Йоганнесбурґ", "Каїр"]),
        ("pl", ["Dakar", "Dżibuti", "Edmonton", "Lagos", "Zagrzeb"]),
    ],
)
def test_names_stand_in_the_order_of_the_alphabet(language: str, ordered: list[str]) -> None:
    cities = [name.partition(",")[0] for _zone, name in zone_names(language)]
    assert [city for city in cities if city in ordered] == ordered


def test_utc_comes_first() -> None:
    assert {language: zone_names(language)[0] for language in LANGUAGES} == dict.fromkeys(LANGUAGES, ("UTC", "UTC"))


@pytest.mark.parametrize(
    ("zone", "city"), [("Asia/Kolkata", "Колката"), ("America/New_York", "Нью-Йорк"), ("UTC", "UTC")]
)
def test_a_city_is_found_under_any_name_its_zone_had(zone: str, city: str) -> None:
    assert zone_city(zone, "uk") == city
