"""The promo price: by the server's clock, on every page and in every order."""

from datetime import timedelta
from typing import Any

import pytest

from kwiga import clock
from offers import services
from orders.errors import PriceChanged
from orders.services.placing import place_order
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.orders import checkout_of, placed, sold_offer
from tests.support.offer_terms import DAY, NOW, plain


@pytest.mark.parametrize(
    ("after_start", "price"),
    [(-timedelta(seconds=1), 120_000), (timedelta(0), 90_000), (DAY - timedelta(seconds=1), 90_000), (DAY, 120_000)],
)
def test_a_promo_price_starts_and_ends_by_itself(scope: School, after_start: timedelta, price: int) -> None:
    promo = {"promo_price_minor": 90_000, "promo_starts_at": NOW, "promo_ends_at": NOW + DAY}
    offer = services.create_offer(terms=plain(**promo), actor=None)
    assert offer.price_at(NOW + after_start) == price


@pytest.mark.spec("K18.3: what counts is the clock of the server")
def test_the_promo_of_a_page_follows_the_servers_clock(scope: School, owner: Any, staff: Any) -> None:
    promo = {"promo_price_minor": 90_000, "promo_ends_at": NOW + DAY}
    offer = services.create_offer(terms=plain(**promo), actor=None)
    client, address = staff(owner), f"/green/offers/{offer.token}/"
    with clock.at(NOW + DAY - timedelta(seconds=1)):
        assert "UAH\N{NO-BREAK SPACE}900" in client.get(address).text
    with clock.at(NOW + DAY):
        page = client.get(address).text
    assert "the promo price ended on" in page and "UAH\N{NO-BREAK SPACE}900" not in page


@pytest.mark.spec("K18.1: one second after its end the normal price is charged")
@pytest.mark.spec("K18.5: a page that still shows the old price sells nothing at it")
def test_the_price_of_an_old_page_is_not_charged(school: School) -> None:
    offer = sold_offer(school, promo_price_minor=90_000, promo_ends_at=NOW + DAY)
    with clock.at(NOW + DAY - timedelta(seconds=1)):
        shown = checkout_of(offer)
        assert placed(offer, email="early@example.test").order.total_minor == 90_000
    with clock.at(NOW + DAY):
        with pytest.raises(PriceChanged) as refusal, school_scope(school):
            place_order(checkout=shown)
        assert refusal.value.quote.total_minor == 120_000
        assert placed(offer, shown_total_minor=120_000).order.total_minor == 120_000
