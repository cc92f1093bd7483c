"""Mails about payments: failed, awaited by bank transfer, given back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail as django_mail

from kwiga import clock
from orders.models import Order, Payment
from orders.payments.protocol import PaymentState, Status
from orders.services.applying import apply_state
from orders.services.refunds import request_refund
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.orders import PaidOrderFactory, PlacedOrderFactory, started
from tests.support.order_mails import Said, html_of, only_mail, sent, told_again

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])


def failed(payment: Payment) -> None:
    with school_scope(payment.school_id):
        state = PaymentState(
            provider_ref=payment.provider_ref, status=Status.FAILED, amount_minor=payment.amount_minor,
            currency=payment.currency, reference=payment.token,
        )  # fmt: skip
        apply_state(payment=payment, state=state)


@pytest.fixture
def attempt(school: School, paper: Any, own: Said) -> Callable[..., Payment]:
    """An order on its way to the bank on paper."""

    def make(**offer: Any) -> Payment:
        order = PlacedOrderFactory(offer=own("payment_failed", **offer))
        return started(order, paper, f"ref-{order.pk}")

    return make


def test_a_failed_payment_is_told_with_the_way_to_try_again(attempt: Callable[..., Payment]) -> None:
    payment = attempt(mode="standard")
    failed(payment)
    mail = only_mail()
    assert mail.subject == "The payment did not go through: Yoga"
    assert "http://green.localhost:8000/pay/" in mail.body
    told_again(payment.order, "payment.failed", payment=payment.pk)
    assert len(sent()) == 1


def test_the_school_says_itself_or_not_at_all_that_a_payment_failed(attempt: Callable[..., Payment]) -> None:
    failed(attempt(subject="Once more?", body="{{ pay_link }} {{ access_link }}"))
    mail = only_mail()
    assert mail.subject == "Once more?"
    assert "/pay/" in mail.body and "claim" not in mail.body


def test_nobody_hears_of_a_failed_payment_when_it_is_off_or_the_order_is_over(
    attempt: Callable[..., Payment], school: School
) -> None:
    failed(attempt(mode="off"))
    payment = attempt(mode="standard")
    with school_scope(school):
        Order.objects.filter(pk=payment.order_id).update(state="canceled", closed_at=clock.now())
    told_again(payment.order, "payment.failed", payment=payment.pk)
    assert sent() == []


def test_a_bank_transfer_is_told_with_details_and_reference(school: School, transfer: Any) -> None:
    with school_scope(school):
        transfer.options = {"details": "IBAN UA12 3456\nGreen School <LLC>"}
        transfer.save()
    order = PlacedOrderFactory(school=school)
    payment = started(order, transfer)
    mail = only_mail()
    assert mail.subject == f"How to pay for order {order.number}"
    assert "IBAN UA12 3456" in mail.body and f"Reference: {order.number}" in mail.body
    assert "Green School &lt;LLC&gt;" in html_of(mail)
    told_again(order, "payment.started", payment=payment.pk)
    assert len(sent()) == 1


def test_a_payment_online_is_not_told_when_it_starts(school: School, paper: Any) -> None:
    started(PlacedOrderFactory(school=school), paper)
    assert sent() == []


def test_money_given_back_is_told_once(school: School, owner: Any) -> None:
    order = PaidOrderFactory(school=school)
    sent()
    django_mail.outbox.clear()
    with school_scope(school):
        payment = Payment.objects.get(order=order)
        refund = request_refund(
            payment=payment, amount_minor=20_000, reason="", closes_access=True, returns_coupon=False, actor=owner
        )
    mail = only_mail()
    assert mail.subject == f"Money back for order {order.number}: UAH 200"
    assert "is closed" in mail.body
    told_again(order, "refund.succeeded", refund=refund.pk)
    assert len(sent()) == 1
