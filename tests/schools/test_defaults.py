import pytest

from kwiga.money import CURRENCIES
from schools.defaults import _REGIONS, guess_place


@pytest.mark.parametrize(
    ("language", "accepted", "currency", "zone"),
    [
        ("uk", "uk-UA,uk;q=0.9,en;q=0.8", "UAH", "Europe/Kyiv"),
        ("uk", "", "UAH", "Europe/Kyiv"),
        ("pl", "en-GB,en", "PLN", "Europe/Warsaw"),
        ("en", "en-GB,en;q=0.9", "GBP", "Europe/London"),
        ("en", "en-XX,en-ca;q=0.9", "CAD", "America/Toronto"),
        ("en", "de-DE,en;q=0.5", "USD", "America/New_York"),
        ("en", "<script>", "USD", "America/New_York"),
    ],
)
def test_a_place_is_guessed_from_the_browsers_languages(language, accepted, currency, zone):
    place = guess_place(language=language, accept_language=accepted)
    assert (place.currency, place.time_zone) == (currency, zone)


def test_every_guess_can_be_chosen():
    from schools.forms import CreateSchoolForm

    zones = {str(zone) for zone, _label in CreateSchoolForm().fields["time_zone"].choices}
    assert {currency for currency, _zone in _REGIONS.values()} <= set(CURRENCIES)
    assert {zone for _currency, zone in _REGIONS.values()} <= zones
