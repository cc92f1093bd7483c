"""Time zones as people name them: by a city and its country, in the reader's language, from CLDR (Babel)."""

import unicodedata
from functools import cache
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global

_LAST = "\uffff"
# Letters that are no accented form of the one before them, but stand behind it in their alphabet.
_ALPHABET = str.maketrans(
    {"ґ": f"г{_LAST}", "є": f"е{_LAST}", "і": f"и{_LAST}", "ї": f"и{_LAST * 2}", "й": f"и{_LAST * 3}"}
    | {"ą": f"a{_LAST}", "ć": f"c{_LAST}", "ę": f"e{_LAST}", "ł": f"l{_LAST}", "ń": f"n{_LAST}", "ó": f"o{_LAST}"}
    | {"ś": f"s{_LAST}", "ź": f"z{_LAST}", "ż": f"z{_LAST * 2}"}
)


@cache
def zone_names(language: str) -> list[tuple[str, str]]:
    """Every zone a country has today, under its name: ("Europe/Kyiv", "Kyiv, Ukraine"), in the language's order.

    `language` is one Babel knows. UTC comes first; former names of zones are left out.
    """
    locale = Locale.parse(language)
    today = available_timezones() & {zone for zone in get_global("zone_territories") if not zone.startswith("Etc/")}
    named = [(zone, _place(zone, locale)) for zone in today]
    return [("UTC", "UTC"), *sorted(named, key=lambda pair: _order(pair[1]))]


@cache
def zone_city(zone: str, language: str) -> str:
    """The city a zone is named after: "Київ" for Europe/Kyiv; the end of the zone's own name where CLDR has none."""
    names = Locale.parse(language).time_zones
    # CLDR keeps a city under the first name its zone ever had.
    former = [old for old, new in get_global("zone_aliases").items() if new == zone]
    cities = (names.get(name, {}).get("city") for name in (zone, *former))
    return next(filter(None, cities), zone.rpartition("/")[2].replace("_", " "))


def _place(zone: str, locale: Locale) -> str:
    territory = locale.territories.get(get_global("zone_territories")[zone], "")
    return ", ".join(filter(None, dict.fromkeys([zone_city(zone, str(locale)), territory])))


def _order(name: str) -> str:
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", name).lower().translate(_ALPHABET))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
