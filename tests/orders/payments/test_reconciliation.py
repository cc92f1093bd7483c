"""The hourly comparison: a lost notice is healed, and nothing ends the chain but the end of the connection (F6)."""

from datetime import timedelta

import pytest

from kwiga import clock
from orders.links import pay_token
from orders.models import Order, Payment
from orders.services.connections import archive
from orders.services.sessions import go_to_provider
from schools.models import OutboxRow
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.orders import PlacedOrderFactory

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "relay"]),
    pytest.mark.spec("F6"),
]


def went_to_pay(school, order, connection) -> Payment:
    with school_scope(school):
        token = pay_token(order)
    return go_to_provider(school=school, token=token, method=connection.token, client="x")


@pytest.fixture
def payment(school, order, connection) -> Payment:
    return went_to_pay(school, order, connection)


def compare(school) -> None:
    """An hour is over for the newest row."""
    with school_scope(school):
        due = clock.now() - timedelta(seconds=1)
        OutboxRow.objects.filter(kind="reconcile", done_at=None).update(available_at=due)
    drain(seconds=20)


def chain(school) -> list[OutboxRow]:
    with school_scope(school):
        return list(OutboxRow.objects.filter(kind="reconcile").order_by("pk"))


def state_of(school, order) -> str:
    with school_scope(school):
        return Order.objects.get(pk=order.pk).state


def make_old(school) -> None:
    with school_scope(school):
        Payment.objects.update(created_at=clock.now() - timedelta(minutes=11))


def test_a_lost_notice_is_found(school, order, payment, stand_in):
    stand_in.pay(payment.provider_ref)
    compare(school)
    assert state_of(school, order) == "paid"
    done, coming = chain(school)
    assert done.done_at and not coming.done_at
    assert timedelta(minutes=55) < coming.available_at - done.done_at <= timedelta(hours=1)
    assert coming.payload["since"] >= done.payload["since"]


def test_a_failure_that_nobody_told_of_is_found_when_it_is_late(school, order, payment, stand_in):
    stand_in.fail(payment.provider_ref)
    make_old(school)
    compare(school)
    with school_scope(school):
        assert Payment.objects.get().state == "failed"


def test_what_a_crash_forgot_is_found_by_our_own_name(school, order, payment, stand_in):
    """The session was opened, and the process died before it wrote that down."""
    name = payment.provider_ref
    with school_scope(school):
        Payment.objects.update(provider_ref="", session={})
    stand_in.pay(name)
    compare(school)
    assert state_of(school, order) == "paid"


def test_a_provider_that_is_down_is_asked_again_soon(school, order, payment, stand_in):
    stand_in.pay(payment.provider_ref)
    stand_in.break_down(failures=1)
    compare(school)
    assert state_of(school, order) == "pending"
    first, second = chain(school)
    assert first.done_at and second.payload["since"] == first.payload["since"]
    assert second.available_at - first.done_at < timedelta(minutes=6)
    compare(school)
    assert state_of(school, order) == "paid"


def test_one_payment_the_provider_does_not_know_holds_up_no_other(school, order, connection, payment, stand_in):
    stranger = went_to_pay(school, PlacedOrderFactory(school=school), connection)
    with school_scope(school):
        Payment.objects.filter(pk=stranger.pk).update(provider_ref="gone")
    stand_in.fail(payment.provider_ref)
    make_old(school)
    compare(school)
    with school_scope(school):
        assert Payment.objects.get(pk=payment.pk).state == "failed"
        assert Payment.objects.get(pk=stranger.pk).state == "created"


def test_it_ends_with_the_connection_and_not_before_its_payments(school, order, connection, payment, stand_in):
    with school_scope(school):
        archive(connection=connection, actor=None)
    stand_in.pay(payment.provider_ref)
    compare(school)
    assert state_of(school, order) == "paid"
    compare(school)
    assert [bool(row.done_at) for row in chain(school)] == [True, True]
