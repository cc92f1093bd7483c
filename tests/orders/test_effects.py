"""Ends of holds and orders, sessions to close, money to give back: what the drainer does for orders (trust P9)."""

from datetime import datetime, timedelta

import pytest

from kwiga import clock
from offers.models import Offer
from orders.models import Order, Payment, PaymentConnection, Refund
from orders.payments.protocol import Status
from orders.services.applying import apply_state
from orders.services.closing import cancel_order
from orders.services.paying import start_payment
from orders.services.refunds import request_refund
from schools.models import OutboxRow, School
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.orders import ConnectionFactory, PlacedOrderFactory, placed, sold_offer, started
from tests.support.outbox import rows
from tests.support.paper_bank import DOWN, REFUSED, PaperBank, state_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])


@pytest.fixture
def seat(school: School) -> Offer:
    return sold_offer(school, seats=1)


def work(at: datetime | None) -> None:
    """The drainer at that instant."""
    assert at
    with clock.at(at):
        drain()


def now_in(order: Order) -> Order:
    with school_scope(order.school_id):
        return Order.objects.select_related("offer").get(pk=order.pk)


def only_payment(school: School) -> Payment:
    with school_scope(school):
        return Payment.objects.get()


def before_the_page(order: Order, paper: PaymentConnection, bank: PaperBank, ref: str = "ref-1") -> Payment:
    payment = started(order, paper, ref)
    bank.open(payment)
    return payment


# --- Expiry ---


@pytest.mark.spec("K02.4: an unpaid order ends")
def test_an_unpaid_order_expires_by_itself(school: School) -> None:
    order = placed(sold_offer(school)).order
    assert order.expires_at
    work(order.expires_at - timedelta(seconds=1))
    assert now_in(order).state == "pending"
    work(order.expires_at)
    assert (now_in(order).state, now_in(order).closed_at) == ("expired", order.expires_at)


def test_a_paid_order_does_not_expire(school: School) -> None:
    order = placed(sold_offer(school, price_minor=0)).order
    work(order.expires_at)
    assert now_in(order).state == "paid"


def test_an_order_expires_after_its_session_was_closed(
    school: School, paper: PaymentConnection, bank: PaperBank
) -> None:
    order = placed(sold_offer(school)).order
    before_the_page(order, paper, bank)
    work(order.expires_at)
    assert bank.calls == ["close ref-1"]
    assert (now_in(order).state, only_payment(school).state) == ("expired", "canceled")


def test_money_paid_in_the_last_moment_wins_over_the_end(
    school: School, paper: PaymentConnection, bank: PaperBank
) -> None:
    order = placed(sold_offer(school)).order
    before_the_page(order, paper, bank)
    bank.pay("ref-1")
    work(order.expires_at)
    assert (now_in(order).state, only_payment(school).state) == ("paid", "captured")


def test_money_on_its_way_keeps_the_order_open(school: School, paper: PaymentConnection, bank: PaperBank) -> None:
    order = placed(sold_offer(school)).order
    before_the_page(order, paper, bank)
    bank.pay("ref-1", Status.PENDING)
    work(order.expires_at)
    assert (now_in(order).state, only_payment(school).state) == ("pending", "pending")
    assert order.expires_at
    bank.pay("ref-1", Status.FAILED)
    work(order.expires_at + timedelta(minutes=5))
    assert now_in(order).state == "expired"


def test_a_provider_that_is_away_is_asked_again_and_nothing_ends_meanwhile(
    school: School, paper: PaymentConnection, bank: PaperBank
) -> None:
    order = placed(sold_offer(school)).order
    before_the_page(order, paper, bank)
    bank.trouble = DOWN
    assert order.expires_at
    for times in range(3):
        work(order.expires_at + times * timedelta(minutes=5))
    assert (now_in(order).state, len(bank.calls)) == ("pending", 3)
    bank.trouble = None
    work(order.expires_at + timedelta(minutes=15))
    assert now_in(order).state == "expired"
    assert [row.attempts for row in rows(school, kind="order_expiry")] == [1, 1, 1, 1]


# --- Holds ---


@pytest.mark.spec("P9: a hold ends only after the provider has closed its session")
def test_a_hold_ends_after_its_session_was_closed(
    school: School, seat: Offer, paper: PaymentConnection, bank: PaperBank
) -> None:
    order = placed(seat).order
    before_the_page(order, paper, bank)
    work(order.held_until)
    assert bank.calls == ["close ref-1"]
    order = now_in(order)
    assert order.offer
    assert (order.state, order.seat, order.offer.seats_taken) == ("pending", "released", 0)


@pytest.mark.spec("P9: late success, seats stay within the limit")
def test_money_paid_before_the_page_closed_keeps_its_seat(
    school: School, seat: Offer, paper: PaymentConnection, bank: PaperBank
) -> None:
    order = placed(seat).order
    before_the_page(order, paper, bank)
    bank.pay("ref-1")
    work(order.held_until)
    order = now_in(order)
    assert order.offer
    assert (order.state, order.seat, order.offer.seats_taken) == ("paid", "confirmed", 1)


def test_money_on_its_way_keeps_its_seat(
    school: School, seat: Offer, paper: PaymentConnection, bank: PaperBank
) -> None:
    order = placed(seat).order
    before_the_page(order, paper, bank)
    bank.pay("ref-1", Status.PENDING)
    work(order.held_until)
    assert now_in(order).seat == "held"
    assert order.held_until
    work(order.held_until + timedelta(minutes=4))
    bank.pay("ref-1")
    work(order.held_until + timedelta(minutes=5))
    assert now_in(order).seat == "confirmed"


def test_a_hold_made_longer_is_left_alone_by_its_first_end(
    school: School, seat: Offer, transfer: PaymentConnection
) -> None:
    order = placed(seat).order
    with school_scope(school):
        start_payment(order=order, connection=transfer)
    work(order.held_until)
    assert now_in(order).seat == "held"
    work(order.expires_at)
    assert (now_in(order).seat, now_in(order).state) == ("released", "expired")


# --- Sessions nobody shall pay in any more ---


@pytest.mark.spec("P6: beginning another way closes the first session at the provider")
def test_another_way_to_pay_closes_the_first_session(school: School, paper: PaymentConnection, bank: PaperBank) -> None:
    order = placed(sold_offer(school)).order
    before_the_page(order, paper, bank)
    started(order, ConnectionFactory(school=school, provider="paper"), "ref-2")
    drain()
    assert bank.calls == ["close ref-1"]


@pytest.mark.spec("P6: paid in both tabs, one is kept and one goes back")
def test_both_tabs_paid(school: School, paper: PaymentConnection, bank: PaperBank) -> None:
    order = placed(sold_offer(school)).order
    before_the_page(order, paper, bank)
    second = before_the_page(order, ConnectionFactory(school=school, provider="paper"), bank, "ref-2")
    bank.pay("ref-1")
    bank.pay("ref-2")
    with school_scope(school):
        apply_state(payment=second, state=bank.sessions["ref-2"])
    drain()
    with school_scope(school):
        kept, back = Payment.objects.get(provider_ref="ref-2"), Payment.objects.get(provider_ref="ref-1")
    assert (now_in(order).state, kept.state, back.state) == ("paid", "captured", "refunded")
    assert [each for each in bank.calls if each.startswith("refund")] == ["refund ref-1 120000 UAH"]
    assert back.needs_review_at is None


def test_canceling_closes_the_session_and_late_money_stands_for_review(
    school: School, paper: PaymentConnection, bank: PaperBank
) -> None:
    order = placed(sold_offer(school)).order
    before_the_page(order, paper, bank)
    bank.pay("ref-1")
    with school_scope(school):
        cancel_order(order=order, reason="asked", actor=None)
    drain()
    assert (now_in(order).state, only_payment(school).review_reason) == ("canceled", "dead_order")


def test_a_provider_that_refuses_to_close_is_told_to_the_team(
    school: School, paper: PaymentConnection, bank: PaperBank
) -> None:
    order = placed(sold_offer(school)).order
    before_the_page(order, paper, bank)
    bank.trouble = REFUSED
    work(order.expires_at)
    (row,) = rows(school, kind="order_expiry")
    assert (row.attempts, row.last_error, now_in(order).state) == (1, "ProviderError", "pending")


# --- Refunds ---


@pytest.fixture
def captured(school: School, paper: PaymentConnection, bank: PaperBank) -> Payment:
    payment = before_the_page(PlacedOrderFactory(school=school), paper, bank)
    with school_scope(school):
        return apply_state(payment=payment, state=state_of(payment))


def ask(payment: Payment, amount_minor: int = 120_000) -> Refund:
    with school_scope(payment.school_id):
        return request_refund(payment=payment, amount_minor=amount_minor, reason="", actor=None)


def now_of(refund: Refund) -> Refund:
    with school_scope(refund.school_id):
        return Refund.objects.select_related("payment__order").get(pk=refund.pk)


def test_a_refund_is_made_at_the_provider_once(captured: Payment, bank: PaperBank) -> None:
    refund = ask(captured, 20_000)
    drain()
    refund = now_of(refund)
    assert (refund.state, refund.provider_ref) == ("succeeded", f"re_{refund.pk}")
    assert (refund.payment.state, refund.payment.order.state) == ("part_refunded", "part_refunded")
    assert bank.calls == ["refund ref-1 20000 UAH"]


def test_a_refund_the_provider_takes_its_time_over_waits(captured: Payment, bank: PaperBank) -> None:
    bank.refund_status = "requested"
    refund = ask(captured)
    drain()
    assert (now_of(refund).state, now_of(refund).payment.state) == ("requested", "captured")
    assert now_of(refund).provider_ref == f"re_{refund.pk}"


def test_a_refund_the_provider_refuses_has_failed(captured: Payment, bank: PaperBank) -> None:
    bank.trouble = REFUSED
    refund = ask(captured)
    drain()
    assert (now_of(refund).state, now_of(refund).failure) == ("failed", "ProviderError")


def test_a_refund_waits_for_a_provider_that_is_away(school: School, captured: Payment, bank: PaperBank) -> None:
    bank.trouble = DOWN
    refund = ask(captured)
    drain()
    assert now_of(refund).state == "requested"
    bank.trouble = None
    with school_scope(school):
        row = OutboxRow.objects.get(kind="refund", done_at=None)
    work(row.available_at)
    assert now_of(refund).state == "succeeded"
    assert len(bank.refunds) == 1
