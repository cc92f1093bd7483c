"""What coupons are used for. Property tests take the time they need: the machine may be busy with others."""

import pytest
from hypothesis import settings

from coupons.models import Coupon
from schools.models import School
from tests.factories.coupons import CouponFactory
from tests.factories.orders import sold_offer

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture
def offer(school: School):
    return sold_offer(school, price_minor=19_999)


@pytest.fixture
def coupon(school: School) -> Coupon:
    return CouponFactory(school=school, code="Spring", max_uses=1)
