"""The state machine: what a provider says of a payment, in any order and any number of times (trust P2 to P9)."""

from itertools import permutations, product
from typing import Any

import pytest

from courses.models import Access
from kwiga import clock
from orders.models import Payment, PaymentConnection, Refund
from orders.payments.protocol import PaymentState, Status
from orders.services.paying import start_payment
from schools.models import Event, OutboxRow, School
from schools.tenancy.scope import school_scope
from tests.factories.orders import ConnectionFactory, PlacedOrderFactory, started
from tests.support.paper_bank import PaperBank, given_back, kinds, state_of, tell

pytestmark = pytest.mark.django_db


# --- Paid ---


@pytest.mark.spec("K32.1: one-time")
@pytest.mark.spec("K32.3")
@pytest.mark.spec("K10.3")
def test_captured_money_pays_the_order_and_opens_the_course(school: School, payment: Payment) -> None:
    order, known = tell(payment, state_of(payment))
    assert (order.state, known.state, known.processed_at is not None) == ("paid", "captured", True)
    with school_scope(school):
        access = Access.objects.get()
        assert access.contact_id == order.contact_id
        assert access.is_open(clock.now())
        assert access.cause.startswith(f"order:{order.pk}:line:")
        assert order.order_accesses.get().access_id == access.pk
    assert kinds(school) == ["payment.started", "payment.captured", "order.paid"]


@pytest.mark.spec("P2: each event ten times has one effect")
def test_the_same_news_ten_times_has_one_effect(school: School, payment: Payment) -> None:
    tell(payment, *[state_of(payment)] * 10)
    with school_scope(school):
        assert (Payment.objects.count(), Access.objects.count()) == (1, 1)
    assert kinds(school) == ["payment.started", "payment.captured", "order.paid"]


@pytest.mark.spec("K03.1")
def test_a_failed_attempt_leaves_the_order_payable(school: School, paper: PaymentConnection, payment: Payment) -> None:
    order, failed = tell(payment, state_of(payment, Status.FAILED, failure="card_declined"))
    assert (order.state, failed.state, failed.failure) == ("pending", "failed", "card_declined")
    again = started(order, paper, "ref-2")
    order, captured = tell(again, state_of(again))
    assert (order.state, captured.state) == ("paid", "captured")
    with school_scope(school):
        assert sorted(Payment.objects.filter(order=order).values_list("state", flat=True)) == ["captured", "failed"]


@pytest.mark.spec("K32.4")
def test_pending_money_keeps_the_order_waiting_and_a_late_success_opens_it(school: School, payment: Payment) -> None:
    order, waiting = tell(payment, state_of(payment, Status.PENDING))
    assert (order.state, waiting.state) == ("pending", "pending")
    order, _known = tell(payment, state_of(payment, Status.OPEN), state_of(payment))
    assert order.state == "paid"


@pytest.mark.spec("K03.2")
def test_a_late_confirmation_has_its_own_time_and_opens_then(school: School, payment: Payment) -> None:
    late = payment.created_at.replace(year=payment.created_at.year + 1)
    with clock.at(late):
        order, known = tell(payment, state_of(payment))
    assert known.created_at < known.processed_at == order.paid_at == late
    with school_scope(school):
        assert Access.objects.get().starts_at == late


@pytest.mark.spec("P8: coming back from the payment page proves nothing")
def test_a_page_that_is_still_open_changes_nothing(school: School, payment: Payment) -> None:
    order, known = tell(payment, state_of(payment, Status.OPEN))
    assert (order.state, known.state, kinds(school)) == ("pending", "created", ["payment.started"])


def test_test_money_is_marked(school: School, payment: Payment) -> None:
    order, known = tell(payment, state_of(payment, is_test=True))
    assert (order.is_test, known.is_test) == (True, True)


def test_a_test_connection_marks_its_payments(school: School, bank: PaperBank) -> None:
    connection = ConnectionFactory(school=school, provider="paper", is_test=True)
    payment = started(PlacedOrderFactory(school=school), connection, "ref-1")
    order, known = tell(payment, state_of(payment))
    assert (order.is_test, known.is_test) == (True, True)


# --- Any order of news (P3) ---


def rows_after(payment: Payment, states: tuple[PaymentState, ...]) -> list[Any]:
    """Everything that stays, in one comparable piece."""
    with clock.at(payment.created_at):
        order, known = tell(payment, *states)
    with school_scope(payment.school_id):
        refunds = list(Refund.objects.order_by("provider_ref").values_list("provider_ref", "amount_minor", "state"))
        accesses = list(Access.objects.values_list("contact_id", "revoked_at", "ends_at"))
        events = sorted(
            Event.objects.filter(kind__in=["order.paid", "payment.captured", "refund.succeeded"]).values_list("kind")
        )
    return [order.state, order.seat, order.paid_at, known.state, known.refunded_minor, known.failure,
            known.needs_review_at, known.processed_at, refunds, accesses, events]  # fmt: skip


def the_four(payment: Payment) -> dict[str, PaymentState]:
    back = given_back(payment.amount_minor)
    return {
        "created": state_of(payment, Status.OPEN),
        "paid": state_of(payment),
        "failed": state_of(payment, Status.FAILED, failure="declined"),
        # A refund told before its payment: the rest of what it says is old news.
        "refunded": state_of(payment, Status.PENDING, refunds=(back,)),
    }


@pytest.mark.spec("P3: every order of events ends in the same rows")
@pytest.mark.parametrize("order", list(permutations(["created", "paid", "failed", "refunded"])), ids="-".join)
@pytest.mark.parametrize("times", [1, 2])
def test_every_order_of_events_ends_in_the_same_rows(
    school: School, payment: Payment, order: tuple[str, ...], times: int
) -> None:
    news = the_four(payment)
    found = rows_after(payment, tuple(news[name] for name in order for _time in range(times)))
    at, amount = payment.created_at, payment.amount_minor
    assert found == [
        "refunded", "none", at, "refunded", amount, "", None, at,
        [("re_1", amount, "succeeded")],
        [(payment.order.contact_id, None, None)],
        [("order.paid",), ("payment.captured",), ("refund.succeeded",)],
    ]  # fmt: skip


@pytest.mark.spec("P3: duplicates anywhere change nothing")
def test_whole_histories_told_again_change_nothing(school: School, payment: Payment) -> None:
    news = list(the_four(payment).values())
    first = rows_after(payment, tuple(news))
    for history in product(news, repeat=3):
        assert rows_after(payment, history) == first


# --- Refunds that others made ---


def test_a_refund_made_at_the_provider_is_written_down(school: School, payment: Payment) -> None:
    order, known = tell(payment, state_of(payment), state_of(payment, refunds=(given_back(20_000),)))
    assert (order.state, known.state, known.refunded_minor) == ("part_refunded", "part_refunded", 20_000)
    both = (given_back(20_000), given_back(100_000, "re_2"))
    order, known = tell(payment, *[state_of(payment, refunds=both)] * 2)
    assert (order.state, known.state, known.refunded_minor) == ("refunded", "refunded", 120_000)
    with school_scope(school):
        assert Access.objects.open_at(clock.now()).count() == 1
        assert Refund.objects.count() == 2


def test_starting_again_with_another_connection_gives_the_first_up(
    school: School, paper: PaymentConnection, payment: Payment
) -> None:
    other = ConnectionFactory(school=school, provider="paper")
    with school_scope(school):
        second = start_payment(order=payment.order, connection=other)
        assert list(Payment.objects.order_by("id").values_list("state", flat=True)) == ["canceled", "created"]
        assert OutboxRow.objects.get(kind="payment_close").payload == {"payment": payment.pk}
        assert start_payment(order=payment.order, connection=other) == second
