"""Payments begun, written down by the team, and reviewed."""

import pytest

from courses.models import Access
from kwiga import clock
from orders.errors import OrderRefused, SoldOut
from orders.models import Order, Payment, PaymentConnection, Refund
from orders.payments.protocol import NotPossible, Status
from orders.selectors.money import due_minor
from orders.services.applying import apply_state
from orders.services.closing import cancel_order, expire_order, release_hold
from orders.services.paying import accept_review, mark_paid, refund_review, start_payment
from orders.services.refunds import request_refund
from schools.models import Event, OutboxRow, School, User
from tests.factories.orders import PaidOrderFactory, PlacedOrderFactory, placed, sold_offer, started
from tests.support.paper_bank import PaperBank, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(scope: School) -> Order:
    return PlacedOrderFactory(school=scope)


# --- Beginning ---


def test_a_payment_is_begun_for_what_is_due(order: Order, paper: PaymentConnection) -> None:
    payment = start_payment(order=order, connection=paper)
    assert (payment.state, payment.amount_minor, payment.currency) == ("created", 120_000, "UAH")
    assert (payment.provider, payment.connection_id, payment.part_no) == ("paper", paper.pk, 1)
    assert Event.objects.get(kind="payment.started").data == {
        "payment": payment.pk,
        "amount_minor": 120_000,
        "currency": "UAH",
    }


def test_the_same_way_again_is_the_same_payment(order: Order, paper: PaymentConnection) -> None:
    assert start_payment(order=order, connection=paper) == start_payment(order=order, connection=paper)
    assert Event.objects.filter(kind="payment.started").count() == 1


def test_money_on_its_way_is_never_asked_for_a_second_time(
    order: Order, paper: PaymentConnection, transfer: PaymentConnection
) -> None:
    payment = started(order, paper, "ref-1")
    apply_state(payment=payment, state=state_of(payment, Status.PENDING))
    assert start_payment(order=order, connection=transfer) == payment


def test_a_session_whose_time_is_over_is_replaced_and_closed(order: Order, paper: PaymentConnection) -> None:
    payment = started(order, paper, "ref-1")
    Payment.objects.filter(pk=payment.pk).update(session_ends_at=clock.now())
    assert start_payment(order=order, connection=paper) != payment
    assert OutboxRow.objects.get(kind="payment_close").payload == {"payment": payment.pk}


@pytest.mark.spec("K02.2")
def test_a_paid_order_takes_no_second_payment(scope: School, paper: PaymentConnection) -> None:
    with pytest.raises(OrderRefused, match="paid already"):
        start_payment(order=PaidOrderFactory(school=scope), connection=paper)


def test_a_canceled_order_takes_no_payment(order: Order, paper: PaymentConnection) -> None:
    cancel_order(order=order, reason="asked", actor=None)
    with pytest.raises(OrderRefused, match="closed"):
        start_payment(order=order, connection=paper)


@pytest.mark.spec("K02.4: no charge")
def test_an_order_whose_time_is_over_takes_no_payment_even_before_it_is_swept(
    order: Order, paper: PaymentConnection
) -> None:
    assert order.expires_at
    with clock.at(order.expires_at), pytest.raises(OrderRefused, match="over"):
        start_payment(order=order, connection=paper)


# --- Written down by the team ---


def test_money_from_outside_pays_the_order(order: Order, owner: User) -> None:
    payment = mark_paid(order=order, amount_minor=120_000, comment="in cash", actor=owner)
    order.refresh_from_db()
    assert (order.state, payment.state, payment.provider, payment.comment) == ("paid", "captured", "outside", "in cash")
    assert (payment.marked_by, payment.processed_at) == (owner, order.paid_at)
    assert Event.objects.get(kind="payment.marked_paid").actor == owner
    assert Access.objects.count() == 1


def test_an_open_bank_transfer_becomes_the_payment(order: Order, transfer: PaymentConnection, owner: User) -> None:
    waiting = start_payment(order=order, connection=transfer)
    payment = mark_paid(order=order, amount_minor=120_000, comment="", actor=owner, provider="bank_transfer")
    assert payment == waiting
    assert Payment.objects.get().state == "captured"


def test_other_open_payments_are_given_up_and_closed(order: Order, paper: PaymentConnection, owner: User) -> None:
    online = started(order, paper, "ref-1")
    mark_paid(order=order, amount_minor=120_000, comment="", actor=owner)
    online.refresh_from_db()
    assert online.state == "canceled"
    assert OutboxRow.objects.filter(kind="payment_close").exists()


def test_a_part_leaves_the_rest_due(order: Order, paper: PaymentConnection) -> None:
    mark_paid(order=order, amount_minor=50_000, comment="", actor=None)
    order.refresh_from_db()
    assert (order.state, Access.objects.count()) == ("part_paid", 0)
    rest = start_payment(order=order, connection=paper)
    assert (rest.amount_minor, rest.part_no) == (70_000, 2)
    apply_state(payment=rest, state=state_of(rest, provider_ref="ref-1"))
    order.refresh_from_db()
    assert (order.state, Access.objects.count()) == ("paid", 1)


def test_a_part_that_went_back_is_due_again_and_the_order_can_be_canceled(order: Order) -> None:
    part = mark_paid(order=order, amount_minor=50_000, comment="", actor=None)
    with pytest.raises(OrderRefused):
        cancel_order(order=order, reason="", actor=None)
    request_refund(payment=part, amount_minor=50_000, reason="", actor=None)
    mark_paid(order=order, amount_minor=70_000, comment="", actor=None)
    order.refresh_from_db()
    assert (order.state, due_minor(order)) == ("part_paid", 50_000)
    request_refund(payment=order.payments.last(), amount_minor=70_000, reason="", actor=None)
    assert cancel_order(order=order, reason="", actor=None).state == "canceled"


@pytest.mark.parametrize("amount_minor", [0, -1, 120_001])
def test_more_than_due_or_nothing_is_refused(order: Order, amount_minor: int) -> None:
    with pytest.raises(OrderRefused):
        mark_paid(order=order, amount_minor=amount_minor, comment="", actor=None)
    assert not Payment.objects.exists()


def test_a_paid_order_is_not_paid_again(scope: School) -> None:
    order = PaidOrderFactory(school=scope)
    with pytest.raises(OrderRefused):
        mark_paid(order=order, amount_minor=1, comment="", actor=None)


def test_a_transfer_that_came_late_brings_an_expired_order_back(scope: School) -> None:
    order = placed(sold_offer(scope, seats=1)).order
    assert order.expires_at
    with clock.at(order.expires_at):
        expire_order(order=order)
        mark_paid(order=order, amount_minor=order.total_minor, comment="", actor=None)
    order.refresh_from_db()
    assert (order.state, order.seat, order.closed_at) == ("paid", "confirmed", None)


# --- Review ---


def under_review(order: Order, paper: PaymentConnection, **said: object) -> Payment:
    payment = started(order, paper, "ref-1")
    return apply_state(payment=payment, state=state_of(payment, **said))


def test_accepted_money_pays_the_order(order: Order, paper: PaymentConnection, owner: User) -> None:
    cancel_order(order=order, reason="asked", actor=None)
    late = Payment.objects.create(
        school=order.school, order=order, connection=paper, provider="paper", provider_ref="ref-9",
        amount_minor=120_000, currency="UAH",
    )  # fmt: skip
    apply_state(payment=late, state=state_of(late))
    payment = accept_review(payment=late, actor=owner)
    order.refresh_from_db()
    assert (order.state, payment.needs_review_at, payment.review_reason) == ("paid", None, "")
    assert Access.objects.count() == 1
    event = Event.objects.get(kind="payment.reviewed")
    assert (event.actor, event.data["answer"]) == (owner, "accepted")


def test_accepting_too_little_leaves_the_rest_due(order: Order, paper: PaymentConnection) -> None:
    accept_review(payment=under_review(order, paper, amount_minor=20_000), actor=None)
    order.refresh_from_db()
    assert order.state == "part_paid"
    assert start_payment(order=order, connection=paper).amount_minor == 100_000


def test_money_in_another_currency_can_only_go_back(order: Order, paper: PaymentConnection) -> None:
    payment = under_review(order, paper, currency="USD")
    with pytest.raises(OrderRefused):
        accept_review(payment=payment, actor=None)
    refund_review(payment=payment, reason="wrong currency", actor=None)
    assert Refund.objects.get().amount_minor == 120_000


def test_accepting_is_refused_once_money_is_on_its_way_back(order: Order, paper: PaymentConnection) -> None:
    payment = under_review(order, paper, amount_minor=20_000)
    request_refund(payment=payment, amount_minor=1, reason="", actor=None)
    with pytest.raises(OrderRefused):
        accept_review(payment=payment, actor=None)


def test_accepting_without_a_seat_is_refused(scope: School, paper: PaymentConnection) -> None:
    offer = sold_offer(scope, seats=1)
    order = placed(offer, email="slow@example.test").order
    payment = started(order, paper, "ref-1")
    assert order.held_until
    with clock.at(order.held_until):
        release_hold(order=order)
    placed(offer, email="quick@example.test")
    apply_state(payment=payment, state=state_of(payment))
    with pytest.raises(SoldOut):
        accept_review(payment=payment, actor=None)


def test_a_decision_is_made_once(order: Order, paper: PaymentConnection) -> None:
    payment = under_review(order, paper, amount_minor=20_000)
    accept_review(payment=payment, actor=None)
    with pytest.raises(OrderRefused):
        accept_review(payment=payment, actor=None)
    with pytest.raises(OrderRefused):
        refund_review(payment=payment, reason="", actor=None)


def test_a_provider_that_cannot_give_back_says_so(order: Order, paper: PaymentConnection, bank: PaperBank) -> None:
    from dataclasses import replace

    payment = under_review(order, paper, amount_minor=20_000)
    bank.capabilities = replace(bank.capabilities, refunds=False)
    with pytest.raises(NotPossible):
        refund_review(payment=payment, reason="", actor=None)
