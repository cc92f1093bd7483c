"""The school's connection to a bank on paper; an order, and who works on it; an offer with mails of its own."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from courses.models import Course
from offers.models import Offer
from offers.services import MailTerms, change_offer, terms_in
from orders.links import renew_pay_link
from orders.models import Order, OrderLineItem, Payment, PaymentConnection
from schools.models import School, User
from schools.roles import Role
from schools.tenancy.scope import school_scope
from tests.factories.offers import PublishedOfferFactory
from tests.factories.orders import ConnectionFactory, PlacedOrderFactory, sold_offer, started
from tests.factories.schools import MemberFactory
from tests.orders.rows import an_order
from tests.support.order_mails import Said
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


@pytest.fixture
def offer(school: School) -> Offer:
    return PublishedOfferFactory(school=school, title="Yoga")


@pytest.fixture
def order(school: School, offer: Offer) -> Order:
    """An unpaid order that opens a course."""
    order = an_order(school, offer=offer, name="Olena Koval", email="olena@example.test")
    with school_scope(school):
        course = Course.objects.create(school=school, title="Breathing", status=Course.Status.PUBLISHED)
        OrderLineItem.objects.create(school=school, line=order.lines.get(), course=course)
        return renew_pay_link(order=order, actor=None)


@pytest.fixture
def seller(school: School, staff: Callable[[User], Client]) -> Client:
    return staff(MemberFactory(school=school, role=Role.SALES).user)


@pytest.fixture
def boss(owner: User, staff: Callable[[User], Client]) -> Client:
    return staff(owner)


@pytest.fixture
def own(school: School) -> Said:
    """An offer whose mails say what the test says."""

    def make(occasion: str = "purchased", mode: str = "own", **said: Any) -> Offer:
        price = 0 if occasion == "free_accepted" else 120_000
        offer = sold_offer(school, title="Yoga", price_minor=price)
        words = {"subject": "Ours", "body": "Our text"} | said if mode == "own" else said
        with school_scope(school):
            terms = replace(terms_in(offer), mails=(MailTerms(occasion=occasion, mode=mode, **words),))
            return change_offer(offer=offer, terms=terms, actor=None)

    return make
