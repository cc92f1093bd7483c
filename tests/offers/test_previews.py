"""The link that shows a draft to the team for an hour."""

from datetime import timedelta

import pytest

from kwiga import clock
from offers.previews import is_preview, preview_token, preview_url
from tests.factories.offers import OfferFactory


def test_a_preview_opens_its_own_offer_for_an_hour(scope, school):
    offer, other = OfferFactory(school=school), OfferFactory(school=school)
    token, made = preview_token(offer), clock.now()
    assert is_preview(offer, token)
    assert not is_preview(other, token)
    with clock.at(made + timedelta(minutes=59)):
        assert is_preview(offer, token)
    with clock.at(made + timedelta(minutes=61)):
        assert not is_preview(offer, token)


@pytest.mark.parametrize("token", ["", "x", "a:b", "W10:x", "é" * 50, "x" * 5_000])
def test_what_nobody_signed_opens_nothing(scope, school, token):
    offer = OfferFactory(school=school)
    assert not is_preview(offer, token)
    changed = preview_token(offer)
    assert not is_preview(offer, changed[:-1] + ("A" if changed[-1] != "A" else "B"))


def test_a_preview_of_another_school_opens_nothing(school, other_school):
    from schools.tenancy.scope import school_scope

    with school_scope(other_school):
        theirs = preview_token(OfferFactory(school=other_school))
    with school_scope(school):
        assert not is_preview(OfferFactory(school=school), theirs)


def test_the_address_is_on_the_schools_own_host(scope, school):
    offer = OfferFactory(school=school)
    assert preview_url(school, offer).startswith(f"http://green.localhost:8000/o/{offer.token}?preview=")
