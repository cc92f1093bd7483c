"""Money that does not fit: another sum, too late, or twice; it opens nothing and waits (trust P4, P6, P9)."""

from dataclasses import replace
from typing import Any

import pytest

from courses.models import Access
from kwiga import clock
from orders.models import Order, Payment, PaymentConnection, Refund
from orders.services.applying import apply_state
from orders.services.closing import cancel_order, expire_order, release_hold
from orders.services.paying import mark_paid
from schools.models import Event, OutboxRow, School
from schools.tenancy.scope import school_scope
from tests.factories.orders import ConnectionFactory, PlacedOrderFactory, placed, sold_offer, started
from tests.support.paper_bank import PaperBank, given_back, state_of, tell

pytestmark = pytest.mark.django_db


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
