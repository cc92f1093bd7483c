"""Webhooks: what is let in, stored once, and what comes of it (P1 to P4, K06)."""

import itertools
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from courses.models import Access
from orders.links import pay_token
from orders.models import InboxEvent, Order, Payment
from orders.services.connections import account_of
from orders.services.sessions import go_to_provider
from schools.models import Event, OutboxRow
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.orders import PlacedOrderFactory
from tests.support.races import race

KINDS = ("opened", "paid", "refunded", "disputed")


class Desk:
    """Delivers notices to the webhook address of the connection, signed or not."""

    def __init__(self, school: Any, connection: Any, stand_in: Any) -> None:
        self.school, self.connection, self.stand_in = school, connection, stand_in
        self.path = reverse("webhook", args=[connection.provider, school.slug, connection.token])

    def post(self, body: bytes, headers: dict[str, str], **options: Any) -> Any:
        usual = {"content_type": "application/json"}
        client = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
        return client.post(options.pop("path", self.path), body, headers=headers, **(usual | options))

    def deliver(self, payment: Payment, kind: str = "paid", event: str = "event-1") -> int:
        body = self.stand_in.notice(payment.provider_ref, payment.token, kind, event)
        return self.post(body, self.stand_in.headers(body)).status_code


@pytest.fixture
def desk(school, connection, stand_in) -> Desk:
    return Desk(school, connection, stand_in)


def went_to_pay(school, order, connection) -> Payment:
    """The buyer pressed the button and is at the provider now."""
    with school_scope(school):
        token = pay_token(order)
    return go_to_provider(school=school, token=token, method=connection.token, client="127.0.0.1")


@pytest.fixture
def payment(school, order, connection) -> Payment:
    return went_to_pay(school, order, connection)


def facts(school, order) -> dict[str, Any]:
    """The order's final rows, and how often anything happened."""
    with school_scope(school):
        payments = Payment.objects.filter(order=order)
        return {
            "order": Order.objects.get(pk=order.pk).state,
            "payments": list(payments.order_by("pk").values_list("state", "refunded_minor", "review_reason")),
            "access": Access.objects.filter(revoked_at=None).count(),
            "paid": Event.objects.filter(kind="order.paid", subject_id=order.pk).count(),
        }


PAID = {"order": "paid", "payments": [("captured", 0, "")], "access": 1, "paid": 1}


def test_a_notice_opens_the_course(desk, school, order, payment, stand_in):
    stand_in.pay(payment.provider_ref)
    assert desk.deliver(payment) == 200
    assert facts(school, order) == PAID
    with school_scope(school):
        event = InboxEvent.objects.get()
        assert (event.event_id, event.provider_ref) == ("event-1", payment.provider_ref)
        assert event.processed_at is not None


@pytest.mark.spec("P1")
@pytest.mark.spec("K06.1")
def test_what_is_not_from_the_provider_leaves_no_trace(desk, school, other_school, order, payment, stand_in, caplog):
    stand_in.pay(payment.provider_ref)
    body = stand_in.notice(payment.provider_ref, payment.token)
    good = stand_in.headers(body)
    others = {name: f"{secret}0" for name, secret in stand_in.secrets.items()}
    unknown = desk.path.replace(desk.connection.token, "x" * 22)
    elsewhere = desk.path.replace("/green/", "/red/")
    nowhere = desk.path.replace("/green/", "/no-such-school/")
    other_kind = desk.path.replace(f"/{desk.connection.provider}/", "/bank_transfer/")
    answers = [
        desk.post(body, {}).status_code,
        desk.post(body, stand_in.headers(body, secrets=others)).status_code,
        desk.post(body.replace(b":", b": ", 1), good).status_code,
        desk.post(b"", good).status_code,
        desk.post(body, good, content_type="text/plain").status_code,
        desk.post(body, good, content_type="application/x-www-form-urlencoded").status_code,
        desk.post(b"x" * 10_000_000, good).status_code,
        *(desk.post(body, good, path=path).status_code for path in (unknown, elsewhere, nowhere, other_kind)),
    ]
    assert answers == [400, 400, 400, 415, 415, 415, 413, 404, 404, 404, 404]
    for one in (school, other_school):
        with school_scope(one):
            assert not InboxEvent.objects.exists()
            assert not OutboxRow.objects.filter(kind="inbox").exists()
    assert facts(school, order)["order"] == "pending"
    assert caplog.text.count("notice refused") == len(answers)


@pytest.mark.spec("K06.1")
@pytest.mark.spec("P4")
@pytest.mark.parametrize("reason", ["amount", "currency"])
def test_another_sum_or_currency_opens_nothing(desk, school, order, payment, stand_in, reason):
    (stand_in.pay_wrong_sum if reason == "amount" else stand_in.pay_wrong_currency)(payment.provider_ref)
    assert desk.deliver(payment) == 200
    expected = {"order": "pending", "payments": [("captured", 0, reason)], "access": 0, "paid": 0}
    assert facts(school, order) == expected


def test_the_notice_itself_is_not_believed(desk, school, order, payment):
    """Signed, but the provider knows of no money."""
    assert desk.deliver(payment) == 200
    assert facts(school, order)["order"] == "pending"


@pytest.mark.spec("K06.2")
@pytest.mark.spec("P2")
@pytest.mark.django_db(transaction=True, databases=["default", "relay"])
def test_the_same_notice_five_times(desk, school, order, payment, stand_in, kept_mail):
    stand_in.pay(payment.provider_ref)
    assert [desk.deliver(payment) for _ in range(5)] == [200] * 5
    assert facts(school, order) == PAID
    with school_scope(school):
        assert InboxEvent.objects.count() == 1
    drain(seconds=20)
    mails = [path.read_text() for path in (kept_mail / str(school.pk)).glob("*.eml")]
    assert [order.buyer_email in mail for mail in mails] == [True]


@pytest.mark.spec("P2")
@pytest.mark.django_db(transaction=True)
def test_the_same_notice_ten_times_at_once_and_again_later(desk, school, order, payment, stand_in):
    stand_in.pay(payment.provider_ref)
    assert race(*[lambda: desk.deliver(payment)] * 10) == [200] * 10
    assert facts(school, order) == PAID
    assert desk.deliver(payment) == 200
    assert facts(school, order) == PAID
    with school_scope(school):
        assert InboxEvent.objects.count() == 1
        assert Event.objects.filter(kind="payment.captured").count() == 1


@pytest.mark.spec("P3")
@pytest.mark.timeout(300)
def test_every_order_of_events_ends_the_same(desk, school, connection, stand_in):
    """All 24 orders of four events, each told twice, with half the money given back at the provider."""
    ends = []
    for number, kinds in enumerate(itertools.permutations(KINDS)):
        order = PlacedOrderFactory(school=school)
        payment = went_to_pay(school, order, connection)
        for place, kind in enumerate(kinds):
            if place == 1:
                stand_in.pay(payment.provider_ref)
            if place == 2:
                _give_half_back(stand_in, desk, payment)
            for _ in range(2):
                assert desk.deliver(payment, kind, f"event-{number}-{kind}") == 200
        end = facts(school, order)
        ends.append((end["order"], end["payments"], end["paid"]))
    expected = ("part_refunded", [("part_refunded", 60_000, "")], 1)
    assert ends == [expected] * 24


def _give_half_back(stand_in, desk, payment) -> None:
    with school_scope(desk.school):
        account = account_of(desk.connection)
    stand_in.provider.refund(account, payment.provider_ref, reference="", amount_minor=60_000, currency="UAH")


def test_a_late_failure_takes_nothing_back(desk, school, order, payment, stand_in):
    stand_in.pay(payment.provider_ref)
    desk.deliver(payment)
    assert desk.deliver(payment, "failed", "event-2") == 200
    assert facts(school, order) == PAID


@pytest.mark.spec("K10.3")
def test_the_notice_alone_completes_a_purchase(desk, school, order, payment, stand_in):
    """The browser was closed at the provider: nobody came back."""
    stand_in.pay(payment.provider_ref)
    desk.deliver(payment)
    assert facts(school, order) == PAID


# --- Crashes and outages ---


@pytest.mark.spec("F5")
@pytest.mark.django_db(transaction=True, databases=["default", "relay"])
def test_a_provider_that_is_down_just_then_is_asked_by_the_worker(desk, school, order, payment, stand_in):
    stand_in.pay(payment.provider_ref)
    stand_in.break_down(failures=1)
    assert desk.deliver(payment) == 200
    assert facts(school, order)["order"] == "pending"
    _let_the_worker_work(school)
    assert facts(school, order) == PAID


@pytest.mark.django_db(transaction=True, databases=["default", "relay"])
def test_a_process_that_died_behind_the_answer(desk, school, order, payment, stand_in, monkeypatch):
    """The notice is stored and answered; the work behind it never began."""
    monkeypatch.setattr("orders.services.inbox.process", lambda *_args: None)
    stand_in.pay(payment.provider_ref)
    assert desk.deliver(payment) == 200
    assert facts(school, order)["order"] == "pending"
    _let_the_worker_work(school)
    assert facts(school, order) == PAID


@pytest.mark.django_db(transaction=True, databases=["default", "relay"])
def test_a_notice_before_our_row_knows_its_session(desk, school, order, payment, stand_in):
    """The process died between opening the session and writing it down: the notice tells which one it was."""
    name = payment.provider_ref
    with school_scope(school):
        Payment.objects.update(provider_ref="", session={})
    stand_in.pay(name)
    assert desk.deliver(payment) == 200
    assert facts(school, order) == PAID


def test_a_notice_about_what_is_not_ours_is_tried_again(desk, school, payment):
    stranger = Payment(provider_ref="session-of-nobody", token="nobody123456")
    assert desk.deliver(stranger) == 200
    with school_scope(school):
        assert InboxEvent.objects.get().processed_at is None
        assert OutboxRow.objects.filter(kind="inbox", done_at=None).count() == 1


def _let_the_worker_work(school) -> None:
    with school_scope(school):
        OutboxRow.objects.filter(kind="inbox").update(available_at="2026-01-01T00:00:00Z")
    drain(seconds=10)
