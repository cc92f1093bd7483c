"""The state machine: what a provider says of a payment, in any order and any number of times (trust P2 to P9)."""

from dataclasses import replace
from itertools import permutations, product
from typing import Any

import pytest

from courses.models import Access
from kwiga import clock
from orders.models import Order, Payment, PaymentConnection, Refund
from orders.payments.protocol import PaymentState, Status
from orders.services.applying import apply_state
from orders.services.closing import cancel_order, expire_order, release_hold
from orders.services.paying import mark_paid, start_payment
from schools.models import Event, OutboxRow, School
from schools.tenancy.scope import school_scope
from tests.factories.orders import ConnectionFactory, PlacedOrderFactory, placed, sold_offer, started
from tests.support.paper_bank import PaperBank, given_back, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(school: School, paper: PaymentConnection) -> Payment:
    return started(PlacedOrderFactory(school=school), paper, "ref-1")


def tell(payment: Payment, *states: PaymentState) -> tuple[Order, Payment]:
    """Each state in a transaction of its own; then order and payment as they are."""
    for state in states:
        with school_scope(payment.school_id):
            apply_state(payment=payment, state=state)
    with school_scope(payment.school_id):
        return Order.objects.get(pk=payment.order_id), Payment.objects.get(pk=payment.pk)


def kinds(school: School) -> list[str]:
    with school_scope(school):
        own = Event.objects.filter(kind__regex=r"^(order|payment|refund)\.").exclude(kind="order.placed")
        return list(own.order_by("id").values_list("kind", flat=True))


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


# --- What does not match (P4) ---


@pytest.mark.spec("P4: wrong amount, currency or reference stands for review and opens nothing")
@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"amount_minor": 119_999}, "amount"),
        ({"amount_minor": 120_001}, "amount"),
        ({"currency": "USD"}, "currency"),
        ({"currency": "JPY", "amount_minor": 1_000}, "currency"),
        ({"reference": "somebodyelse"}, "reference"),
        ({"provider_ref": "ref-2"}, "reference"),
    ],
)
def test_money_that_does_not_match_stands_for_review(
    school: School, payment: Payment, said: dict[str, Any], reason: str
) -> None:
    order, known = tell(payment, *[state_of(payment, **said)] * 2)
    assert (order.state, known.state, known.review_reason) == ("pending", "captured", reason)
    assert known.needs_review_at is not None
    assert known.amount_minor == said.get("amount_minor", 120_000)
    assert known.currency == said.get("currency", "UAH")
    with school_scope(school):
        assert not Access.objects.exists()
        event = Event.objects.get(kind="payment.review_needed")
        assert (event.data["reason"], event.data["payment"]) == (reason, payment.pk)


@pytest.mark.spec("P4: a payment of another school cannot be touched")
def test_a_payment_of_another_school_is_not_there(other_school: School, payment: Payment) -> None:
    with school_scope(other_school), pytest.raises(Payment.DoesNotExist):
        apply_state(payment=payment, state=state_of(payment))


@pytest.mark.spec("C8: the currency of a notice has to be the order's")
def test_a_thousand_yen_do_not_pay_ten_dollars(school: School, paper: PaymentConnection) -> None:
    order = PlacedOrderFactory(offer=sold_offer(school, price_minor=1_000, currency="USD"))
    payment = started(order, paper, "ref-1")
    order, known = tell(payment, state_of(payment, currency="JPY", amount_minor=1_000))
    assert (order.state, known.review_reason) == ("pending", "currency")


# --- Money that comes too late, or twice ---


@pytest.mark.parametrize("ending", ["canceled", "expired"])
def test_money_for_a_closed_order_is_kept_for_review(school: School, payment: Payment, ending: str) -> None:
    close(payment.order, ending)
    order, known = tell(payment, state_of(payment))
    assert (order.state, known.state, known.review_reason) == (ending, "captured", "dead_order")
    with school_scope(school):
        assert not Access.objects.exists()


def close(order: Order, ending: str) -> None:
    with school_scope(order.school_id):
        if ending == "canceled":
            cancel_order(order=order, reason="asked", actor=None)
            return
    assert order.expires_at
    with clock.at(order.expires_at), school_scope(order.school_id):
        expire_order(order=order)


@pytest.mark.spec("P6: money that comes twice goes back by itself")
def test_a_second_payment_is_given_back_by_itself(school: School, paper: PaymentConnection, payment: Payment) -> None:
    other = started(payment.order, ConnectionFactory(school=school, provider="paper"), "ref-2")
    order, first = tell(payment, state_of(payment))
    order, second = tell(other, *[state_of(other)] * 3)
    assert (order.state, first.state, first.review_reason) == ("paid", "captured", "")
    assert (second.state, second.review_reason) == ("captured", "second_payment")
    with school_scope(school):
        refund = Refund.objects.get()
        assert (refund.payment_id, refund.amount_minor, refund.state) == (second.pk, 120_000, "requested")
        row = OutboxRow.objects.get(kind="refund")
        assert row.dedupe_key == f"payment:{second.pk}:refund:{refund.pk}"
        assert Access.objects.count() == 1
    order, second = tell(other, state_of(other, refunds=(given_back(120_000, reference=str(refund.pk)),)))
    assert (order.state, second.state, second.needs_review_at) == ("paid", "refunded", None)


def test_a_second_payment_that_cannot_go_back_by_itself_waits_for_a_person(
    school: School, bank: PaperBank, payment: Payment
) -> None:
    bank.capabilities = replace(bank.capabilities, refunds=False)
    with school_scope(school):
        mark_paid(order=payment.order, amount_minor=120_000, comment="", actor=None)
    order, known = tell(payment, state_of(payment))
    assert (order.state, known.review_reason) == ("paid", "second_payment")
    with school_scope(school):
        assert not Refund.objects.exists()


@pytest.mark.spec("P9: late money holds the seat again, or stands for review")
def test_late_money_takes_a_free_seat_again(school: School, paper: PaymentConnection) -> None:
    order = placed(sold_offer(school, seats=1)).order
    payment = started(order, paper, "ref-1")
    let_the_hold_end(order)
    order, known = tell(payment, state_of(payment))
    assert (order.state, order.seat, known.review_reason) == ("paid", "confirmed", "")


@pytest.mark.spec("P9: late money never oversells")
def test_late_money_for_a_seat_that_is_gone_stands_for_review(school: School, paper: PaymentConnection) -> None:
    offer = sold_offer(school, seats=1)
    order = placed(offer, email="slow@example.test").order
    payment = started(order, paper, "ref-1")
    let_the_hold_end(order)
    placed(offer, email="quick@example.test")
    order, known = tell(payment, state_of(payment))
    assert (order.state, order.seat, known.review_reason) == ("pending", "released", "no_seat")
    with school_scope(school):
        offer.refresh_from_db()
        assert offer.seats_taken == 1
        assert not Access.objects.exists()


def let_the_hold_end(order: Order) -> None:
    assert order.held_until
    with clock.at(order.held_until), school_scope(order.school_id):
        release_hold(order=order)


def test_late_money_for_the_second_of_a_once_only_offer_stands_for_review(
    school: School, paper: PaymentConnection
) -> None:
    offer = sold_offer(school, once_per_contact=True)
    first = placed(offer).order
    payment = started(first, paper, "ref-1")
    assert first.held_until
    with clock.at(first.held_until):
        second = placed(offer).order
    with school_scope(school):
        mark_paid(order=second, amount_minor=120_000, comment="", actor=None)
    order, known = tell(payment, state_of(payment))
    assert (order.state, known.review_reason) == ("pending", "once_only")


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
