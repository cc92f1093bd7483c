"""Money given back from an order's page, and payments that need a decision."""

import pytest

from kwiga import clock
from orders.models import Order, Payment, Refund
from schools.tenancy.scope import school_scope
from tests.orders.rows import a_payment
from tests.support.order_pages import access_of, fresh, mark_paid, page, refund_address

pytestmark = pytest.mark.django_db


@pytest.mark.spec("K03.4")
def test_refund_asks_for_sum_and_access(order, boss):
    mark_paid(boss, order)
    shown = boss.get(refund_address(order)).text
    assert 'value="1200.00"' in shown and "Close the access" in shown and "returns_coupon" not in shown
    boss.post(refund_address(order), {"amount": "200", "reason": "one lesson missed"})
    assert fresh(order).state == "part_refunded"
    assert access_of(order).revoked_at is None
    [total] = boss.get("/green/transactions/", {"q": order.number}).context["totals"]
    assert (total.paid_minor, total.refunded_minor, total.kept_minor) == (120_000, 20_000, 100_000)
    boss.post(refund_address(order), {"amount": "1000", "closes_access": "yes"})
    assert fresh(order).state == "refunded"
    assert access_of(order).revoked_at is not None
    with school_scope(order.school_id):
        assert [(each.amount_minor, each.reason) for each in Refund.objects.order_by("id")] == [
            (20_000, "one lesson missed"),
            (100_000, ""),
        ]


def test_no_more_is_given_back_than_is_left(order, boss):
    mark_paid(boss, order)
    answer = boss.post(refund_address(order), {"amount": "1200.01"})
    assert answer.status_code == 200 and "At most UAH\xa01,200" in answer.text
    assert fresh(order).state == "paid"


def test_sellers_give_no_money_back(order, boss, seller):
    mark_paid(boss, order)
    assert "/refund/" in boss.get(page(order)).text
    assert "/refund/" not in seller.get(page(order)).text
    assert seller.post(refund_address(order), {"amount": "1200"}).status_code == 403


def review(order: Order) -> Payment:
    return a_payment(order, needs_review_at=clock.now(), review_reason="dead_order")


def test_payment_under_review_is_accepted(order, seller):
    payment = review(order)
    shown = seller.get(page(order)).text
    assert "A payment needs your decision" in shown and "after the order was closed" in shown
    seller.post(f"{page(order)}payments/{payment.token}/acceptance/")
    assert fresh(order).state == "paid"
    again = seller.post(f"{page(order)}payments/{payment.token}/acceptance/", follow=True)
    assert "has decided about this payment already" in again.text


def test_payment_under_review_is_given_back(order, boss):
    payment = review(order)
    assert "Give this payment back?" in boss.get(f"{page(order)}payments/{payment.token}/return/").text
    boss.post(f"{page(order)}payments/{payment.token}/return/", {"reason": "too late"})
    with school_scope(order.school_id):
        assert Payment.objects.get().state == "refunded"
    assert fresh(order).state == "pending"
