from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coupons.models import Coupon
from offers.models import Offer
from schools.models import School
from tests.factories.coupons import CouponFactory
from tests.factories.orders import sold_offer


@pytest.fixture
def count_queries() -> Callable[[], CaptureQueriesContext]:
    return lambda: CaptureQueriesContext(connection)


@pytest.fixture
def offer(school: School) -> Offer:
    return sold_offer(school, price_minor=120_000)


@pytest.fixture
def spring(school: School) -> Coupon:
    """10 % off everything."""
    return CouponFactory(school=school, code="SPRING")
