"""Lists that the forms of a school offer, in the language of the page."""

from babel import Locale
from babel.numbers import get_currency_name
from django.conf import settings
from django.utils.translation import get_language, to_locale

from kwiga.money import CURRENCIES
from kwiga.zones import zone_names


def currencies() -> list[tuple[str, str]]:
    """Every currency a school may sell in, with its name: "UAH · Ukrainian Hryvnia"."""
    locale = to_locale(get_language() or "en")
    return [(code, f"{code} · {get_currency_name(code, locale=locale)}") for code in CURRENCIES]


def time_zones() -> list[tuple[str, str]]:
    """Every time zone, by its city and country: "Kyiv, Ukraine"."""
    return zone_names(to_locale(get_language() or "en"))


def languages() -> list[tuple[str, str]]:
    """Every language of the product, named in itself."""
    return [(code, _own_name(code)) for code, _name in settings.LANGUAGES]


def _own_name(code: str) -> str:
    name = Locale.parse(code).get_display_name() or code
    return name[:1].upper() + name[1:]
