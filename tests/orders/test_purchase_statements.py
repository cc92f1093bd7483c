"""What a purchase costs: the statements of each of its steps, without the marks of transactions."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.models import InboxEvent, Order, Payment
from orders.services.connections import connect
from schools.models import Event, OutboxRow
from schools.tenancy.scope import school_scope
from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import counted, submit
from tests.orders.payments.stand_ins import BankStandIn
from tests.orders.payments.test_notices import Desk


class Purchase:
    """A buyer on the way to the thanks, counted at each step."""

    def __init__(self, school: Any, bank: Any) -> None:
        self.school, self.bank = school, BankStandIn(bank)
        with school_scope(school):
            self.card = connect(provider="test_bank", secrets=self.bank.secrets, actor=None)
        self.offer = sold_offer(school)
        self.client = Client(headers={"host": f"{school.slug}.localhost"})
        self.path = submit(self.client, self.offer).headers["Location"]

    def go(self) -> str:
        there: str = self.client.post(self.path, {"method": self.card.token}).headers["Location"]
        return urlsplit(there).path.rpartition("/")[2]

    def pay(self) -> Payment:
        self.bank.pay(self.go())
        with school_scope(self.school):
            return Payment.objects.get()

    def come_back(self) -> str:
        address: str = self.client.get(f"{self.path}return/").headers["Location"]
        return address


@pytest.fixture
def purchase(school, live_bank) -> Purchase:
    return Purchase(school, live_bank)


def cost(step: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(database) as queries:
        step()
    return counted(queries)


def test_the_pay_page(purchase):
    assert len(cost(lambda: purchase.client.get(purchase.path))) == 6


def test_going_to_the_provider(purchase):
    statements = cost(purchase.go)
    assert len(statements) == 16, statements


def test_coming_back_with_the_money(purchase):
    purchase.pay()
    statements = cost(purchase.come_back)
    assert len(statements) == 20, statements


def test_coming_back_behind_the_notice(purchase, school):
    payment = purchase.pay()
    assert Desk(school, purchase.card, purchase.bank).deliver(payment) == 200
    statements = cost(purchase.come_back)
    assert len(statements) == 3, statements


def test_the_thanks(purchase):
    purchase.pay()
    address = purchase.come_back()
    assert len(cost(lambda: purchase.client.get(address))) == 3


def test_a_notice_behind_the_buyer(purchase, school):
    payment = purchase.pay()
    purchase.come_back()
    desk = Desk(school, purchase.card, purchase.bank)
    statements = cost(lambda: desk.deliver(payment))
    assert len(statements) == 10, statements
    with school_scope(school):
        assert InboxEvent.objects.get().processed_at
        assert not OutboxRow.objects.filter(kind="inbox", done_at=None).exists()


def test_the_worker_is_left_what_somebody_listens_to(purchase, school):
    purchase.pay()
    purchase.come_back()
    with school_scope(school):
        open_rows = OutboxRow.objects.filter(kind="event", done_at=None).values_list("payload__event", flat=True)
        kinds = set(Event.objects.filter(pk__in=list(open_rows)).values_list("kind", flat=True))
        assert OutboxRow.objects.filter(kind="event").count() == Event.objects.count()
        assert Order.objects.get().state == "paid"
    assert kinds == {"contact.created", "order.placed", "payment.started", "order.paid"}
