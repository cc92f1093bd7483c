"""The pay page in each state of an order and its payments."""

from datetime import timedelta

import pytest
from django.test import Client

from courses.models import Access
from kwiga import clock
from orders.links import renew_pay_link
from orders.models import Order
from orders.services import sessions
from orders.services.closing import cancel_order
from orders.services.paying import mark_paid
from schools.tenancy.scope import school_scope
from tests.factories.orders import PlacedOrderFactory
from tests.orders.payments.buying import Buyer


@pytest.mark.spec("K03.1")
def test_declined_then_paid_is_one_order_and_two_payments(buyer, school, connection, stand_in):
    buyer.choose(connection)
    stand_in.fail(buyer.payments()[0].provider_ref)
    assert buyer.come_back().headers["Location"] == buyer.path
    assert "did not go through" in buyer.look().text
    buyer.choose(connection)
    stand_in.pay(buyer.payments()[1].provider_ref)
    buyer.come_back()
    assert [payment.state for payment in buyer.payments()] == ["failed", "captured"]
    with school_scope(school):
        assert Order.objects.count() == 1
        assert Order.objects.get().state == "paid"


@pytest.mark.spec("K03.2")
def test_a_late_confirmation_opens_the_course_then(buyer, school, connection, stand_in, live_bank):
    buyer.choose(connection)
    (payment,) = buyer.payments()
    stand_in.pay_slowly(payment.provider_ref)
    assert buyer.come_back().headers["Location"] == buyer.path
    waiting = buyer.look()
    assert "being confirmed" in waiting.text and 'hx-trigger="every 3s"' in waiting.text
    assert f"{buyer.path}return/" in waiting.text  # the way on without a script
    with school_scope(school):
        assert not Access.objects.exists()
    _arrive(stand_in, payment)
    buyer.come_back()
    (paid,) = buyer.payments()
    assert paid.state == "captured" and paid.processed_at > paid.created_at
    with school_scope(school):
        assert Access.objects.count() == 1


def _arrive(stand_in, payment) -> None:
    """The money of a slow payment is there."""
    if stand_in.key == "stripe":
        stand_in.server.settle(payment.provider_ref)
    else:
        stand_in.finish(payment.provider_ref)


def test_what_a_waiting_page_is_told(buyer, school, connection, stand_in):
    buyer.choose(connection)
    (payment,) = buyer.payments()
    stand_in.pay_slowly(payment.provider_ref)
    buyer.come_back()
    htmx = {"HX-Request": "true"}
    poll = buyer.look(headers=htmx)
    assert poll.status_code == 200 and "<html" not in poll.text and "being confirmed" in poll.text
    _arrive(stand_in, payment)
    buyer.come_back()
    assert buyer.look(headers=htmx).headers["HX-Redirect"] == f"{buyer.path}done/"


@pytest.mark.spec("K02.2")
def test_two_tabs_one_charge(buyer, school, connection, stand_in):
    first, second = buyer.choose(connection), buyer.choose(connection)
    assert first.headers["Location"] == second.headers["Location"]
    stand_in.pay(buyer.payments()[0].provider_ref)
    buyer.come_back()
    late = buyer.choose(connection, follow=True)
    assert late.redirect_chain[-1][0] == f"{buyer.path}done/"
    assert len(buyer.payments()) == 1
    assert buyer.look().headers["Location"] == f"{buyer.path}done/"


@pytest.mark.spec("P6")
def test_another_way_to_pay_closes_the_first(buyer, school, connection, transfer, stand_in):
    buyer.choose(connection)
    answer = buyer.choose(transfer, follow=True)
    assert "Bank of Samples" in answer.text and buyer.order.number in answer.text
    assert [payment.state for payment in buyer.payments()] == ["canceled", "created"]


def test_bank_transfer_is_paid_when_the_team_says_so(buyer, school, connection, transfer):
    buyer.choose(transfer)
    page = buyer.look()
    assert "IBAN UA00<br>Bank of Samples" in page.text
    assert connection.token in page.text and transfer.token not in page.text
    with school_scope(school):
        order = Order.objects.get(pk=buyer.order.pk)
        mark_paid(order=order, amount_minor=order.total_minor, comment="seen", actor=None, provider="bank_transfer")
    assert buyer.look().headers["Location"] == f"{buyer.path}done/"
    assert [payment.state for payment in buyer.payments()] == ["captured"]


def test_money_that_does_not_fit(buyer, connection, stand_in):
    buyer.choose(connection)
    stand_in.pay_wrong_sum(buyer.payments()[0].provider_ref)
    buyer.come_back()
    page = buyer.look()
    assert "We have your payment" in page.text and connection.token not in page.text


def test_canceled_and_expired(buyer, school, connection):
    with school_scope(school):
        cancel_order(order=Order.objects.get(pk=buyer.order.pk), reason="", actor=None)
    page = buyer.look()
    assert page.status_code == 410 and "no longer valid" in page.text and connection.token not in page.text
    old = Buyer(school, PlacedOrderFactory(school=school))
    with school_scope(school):
        Order.objects.filter(pk=old.order.pk).update(expires_at=clock.now() - timedelta(seconds=1))
    page = old.look()
    assert page.status_code == 410 and "time to pay is over" in page.text
    assert old.choose(connection).status_code == 410
    assert old.payments() == []


@pytest.mark.spec("K02.3")
def test_a_renewed_link_ends_the_old_one(buyer, school, connection):
    with school_scope(school):
        renewed = renew_pay_link(order=buyer.order, actor=None)
    assert buyer.look().status_code == 404
    assert buyer.choose(connection).status_code == 404
    assert buyer.come_back().status_code == 404
    assert Buyer(school, renewed).look().status_code == 200


@pytest.mark.spec("K02.5")
def test_a_link_opens_nothing_at_another_school(buyer, other_school):
    for path in (buyer.path, f"{buyer.path}return/", f"{buyer.path}done/"):
        assert Client(headers={"host": "red.localhost"}).get(path).status_code == 404


@pytest.mark.spec("K02.1")
def test_nothing_in_the_address_changes_the_sum(buyer, connection):
    page = buyer.look(query_params={"amount": "1", "total_minor": "1", "currency": "USD", "due_minor": "1"})
    assert 'data-due-minor="120000" data-currency="UAH"' in " ".join(page.text.split())
    buyer.client.post(buyer.path, {"method": connection.token, "amount_minor": "1", "currency": "USD"})
    (payment,) = buyer.payments()
    assert (payment.amount_minor, payment.currency) == (120_000, "UAH")


def test_a_way_to_pay_that_is_gone(buyer, school, connection):
    with school_scope(school):
        type(connection).objects.update(is_enabled=False)
    page = buyer.choose(connection)
    assert page.status_code == 200 and "not available any more" in page.text
    assert "no way to pay just now" in page.text


@pytest.mark.spec("F5")
def test_a_provider_that_is_down_keeps_the_order(buyer, connection, stand_in):
    stand_in.break_down(failures=1)
    page = buyer.choose(connection)
    assert page.status_code == 503 and "Nothing was charged" in page.text
    assert buyer.choose(connection).status_code == 303
    assert len(buyer.payments()) == 1


# --- Too many failures ---


@pytest.mark.spec("C11")
def test_twenty_failed_payments_and_this_client_waits(buyer, school, connection, monkeypatch):
    for _ in range(sessions.FAILURES):
        assert buyer.choose(connection, REMOTE_ADDR="127.1.2.3").status_code == 303
        sessions._count_failure("127.1.2.3")
    blocked = buyer.choose(connection, REMOTE_ADDR="127.1.2.3")
    assert blocked.status_code == 429 and "Too many payments failed" in blocked.text
    assert buyer.choose(connection, REMOTE_ADDR="127.1.2.4").status_code == 303


@pytest.mark.spec("C11")
@pytest.mark.django_db(transaction=True)
def test_each_failed_payment_counts_once(buyer, school, connection, stand_in, monkeypatch):
    monkeypatch.setattr(sessions, "FAILURES", 2)
    for _ in range(2):
        assert buyer.choose(connection, REMOTE_ADDR="127.1.2.5").status_code == 303
        stand_in.fail(buyer.payments()[-1].provider_ref)
        for _ in range(3):
            buyer.come_back()
    assert buyer.choose(connection, REMOTE_ADDR="127.1.2.5").status_code == 429
