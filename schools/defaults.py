"""What a new school probably sells in, and where its clock stands: guessed from the browser's languages."""

import re
from dataclasses import dataclass

_EURO = "EUR"
_REGIONS = {
    # Region: currency, time zone.
    "UA": ("UAH", "Europe/Kyiv"),
    "PL": ("PLN", "Europe/Warsaw"),
    "US": ("USD", "America/New_York"),
    "GB": ("GBP", "Europe/London"),
    "IE": (_EURO, "Europe/Dublin"),
    "DE": (_EURO, "Europe/Berlin"),
    "AT": (_EURO, "Europe/Vienna"),
    "FR": (_EURO, "Europe/Paris"),
    "ES": (_EURO, "Europe/Madrid"),
    "IT": (_EURO, "Europe/Rome"),
    "PT": (_EURO, "Europe/Lisbon"),
    "NL": (_EURO, "Europe/Amsterdam"),
    "LT": (_EURO, "Europe/Vilnius"),
    "LV": (_EURO, "Europe/Riga"),
    "EE": (_EURO, "Europe/Tallinn"),
    "SK": (_EURO, "Europe/Bratislava"),
    "CZ": ("CZK", "Europe/Prague"),
    "HU": ("HUF", "Europe/Budapest"),
    "RO": ("RON", "Europe/Bucharest"),
    "MD": ("MDL", "Europe/Chisinau"),
    "GE": ("GEL", "Asia/Tbilisi"),
    "KZ": ("KZT", "Asia/Almaty"),
    "CH": ("CHF", "Europe/Zurich"),
    "CA": ("CAD", "America/Toronto"),
    "JP": ("JPY", "Asia/Tokyo"),
    "KW": ("KWD", "Asia/Kuwait"),
}
_HOME_REGIONS = {"uk": "UA", "pl": "PL", "en": "US"}


@dataclass(frozen=True, kw_only=True)
class Place:
    """A currency code and the name of a time zone."""

    currency: str
    time_zone: str


def guess_place(*, language: str, accept_language: str) -> Place:
    """The first region the browser names for the page's language ("en-GB"), else the language's home."""
    for region in re.findall(rf"\b{re.escape(language)}-([A-Za-z]{{2}})\b", accept_language):
        if region.upper() in _REGIONS:
            return _place(region.upper())
    return _place(_HOME_REGIONS.get(language, "US"))


def _place(region: str) -> Place:
    currency, time_zone = _REGIONS[region]
    return Place(currency=currency, time_zone=time_zone)
