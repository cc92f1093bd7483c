"""The school's connection to a bank on paper."""

from collections.abc import Iterator

import pytest

from orders.models import Payment, PaymentConnection
from schools.models import School
from tests.factories.orders import ConnectionFactory, PlacedOrderFactory, started
from tests.support.paper_bank import PaperBank, open_for_business


@pytest.fixture
def bank() -> Iterator[PaperBank]:
    with open_for_business(PaperBank()) as bank:
        yield bank


@pytest.fixture
def paper(school: School, bank: PaperBank) -> PaymentConnection:
    return ConnectionFactory(school=school, provider="paper")


@pytest.fixture
def transfer(school: School) -> PaymentConnection:
    return ConnectionFactory(school=school, provider="bank_transfer")


@pytest.fixture
def payment(school: School, paper: PaymentConnection) -> Payment:
    return started(PlacedOrderFactory(school=school), paper, "ref-1")
