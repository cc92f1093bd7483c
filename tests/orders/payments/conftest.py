"""Providers with a page, and orders to be paid through them."""

from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings

from orders.models import Order, PaymentConnection
from orders.services.connections import connect
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.orders import PlacedOrderFactory
from tests.orders.payments.buying import Buyer
from tests.orders.payments.stand_ins import BankStandIn, StandIn, StripeStandIn
from tests.support.bank import RunningBank
from tests.support.stripe_server import StripeServer, stripe_server


@pytest.fixture
def stripe_api(settings: Settings) -> Iterator[StripeServer]:
    """The store takes this server for Stripe."""
    with stripe_server() as server:
        settings.STRIPE_API_BASE = server.url
        yield server


@pytest.fixture(params=["test_bank", "stripe"])
def stand_in(request: pytest.FixtureRequest, live_bank: RunningBank, stripe_api: StripeServer) -> StandIn:
    """Each provider with a page in turn."""
    return BankStandIn(live_bank) if request.param == "test_bank" else StripeStandIn(stripe_api)


@pytest.fixture
def connection(school: School, stand_in: StandIn) -> PaymentConnection:
    """The green school's account there."""
    with school_scope(school):
        return connect(provider=stand_in.key, secrets=stand_in.secrets, actor=None)


@pytest.fixture
def order(school: School) -> Order:
    return PlacedOrderFactory(school=school)


@pytest.fixture
def fresh(school: School) -> Callable[[Order], Order]:
    """The order as it is now."""

    def read(order: Order) -> Order:
        with school_scope(school):
            return Order.objects.get(pk=order.pk)

    return read


@pytest.fixture
def buyer(school, order) -> Buyer:
    return Buyer(school, order)


@pytest.fixture
def transfer(school):
    with school_scope(school):
        return connect(provider="bank_transfer", options={"details": "IBAN UA00\nBank of Samples"}, actor=None)
