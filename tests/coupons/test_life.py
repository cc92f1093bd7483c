"""The life of a coupon, lived at random beside a small model of it."""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from coupons.services import redeeming
from offers.models import Offer
from schools.models import School
from tests.coupons.life import Life
from tests.coupons.life_model import PRICE
from tests.factories.orders import sold_offer

pytestmark = [pytest.mark.django_db, pytest.mark.prove, pytest.mark.timeout(600)]

# More and longer lives under bin/prove, and others each time.
IN_FULL = "PROVE_SEEDS" in os.environ
UNHURRIED = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=False)
FEW = settings(UNHURRIED, max_examples=14, stateful_step_count=20, derandomize=True)
MANY = settings(UNHURRIED, max_examples=60, stateful_step_count=50)


@pytest.fixture
def sold(school: School) -> Offer:
    return sold_offer(school, price_minor=PRICE)


@pytest.mark.spec("I1: whatever happens in the life of a coupon")
@pytest.mark.spec("I10: whatever happens in the life of a coupon")
def test_a_coupon_lives_as_its_model_does(school: School, sold: Offer) -> None:
    run_state_machine_as_test(lambda: Life(school, sold), settings=MANY if IN_FULL else FEW)


def test_a_use_that_is_not_given_back_is_found(school: School, sold: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what is released stays counted."""
    monkeypatch.setattr(redeeming, "_give_back", lambda coupon_id: None)
    quick = settings(FEW, phases=[Phase.generate])
    with pytest.raises(AssertionError) as found:
        run_state_machine_as_test(lambda: Life(school, sold), settings=quick)
    assert "counter_equals_uses" in str(found.value)
