"""The countries of the world by ISO 3166, in the active language."""

from babel import Locale
from django.utils.translation import get_language, to_locale

_NO_COUNTRIES = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}  # groups and inventions among the codes


def countries() -> list[tuple[str, str]]:
    """Code and name of each, by name."""
    territories = Locale.parse(to_locale(get_language() or "en")).territories
    named = [(code, name) for code, name in territories.items() if _is_country(code)]
    return sorted(named, key=lambda each: each[1])


def country_name(code: str) -> str:
    """What a country is called; the code itself when nobody knows it."""
    return dict(countries()).get(code, code)


def _is_country(code: str) -> bool:
    return len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
