"""How much of an order is paid, given back, and still due. Money under review counts for nothing."""

from collections.abc import Iterable

from django.db.models import BigIntegerField, Sum

from orders.models import Order, Payment, Refund
from schools.tenancy.statements import Given, Statement

_COUNTED = Statement(
    lambda: Payment.objects.captured().filter(order=Given("order", BigIntegerField()), review_reason="").order_by("id")
)


def counted_payments(order: Order) -> list[Payment]:
    """The captured payments that count for the order: those that never stood for review, or were accepted."""
    return _COUNTED.all(order=order.pk)


def captured_minor(payments: Iterable[Payment]) -> int:
    """What arrived, before anything was given back."""
    return sum(payment.amount_minor for payment in payments)


def due_minor(order: Order) -> int:
    """What is still to be paid; an order that was settled once owes nothing, whatever was given back."""
    return 0 if order.is_settled else uncovered_minor(order, counted_payments(order))


def uncovered_minor(order: Order, payments: Iterable[Payment]) -> int:
    """What these captured payments of an order leave to be paid."""
    return max(0, order.total_minor - sum(payment.amount_minor - payment.refunded_minor for payment in payments))


def refundable_minor(payment: Payment) -> int:
    """What is left to give back of a payment, refunds that are under way taken off."""
    if payment.state not in Payment.CAPTURED:
        return 0
    under_way = Refund.objects.filter(payment=payment).exclude(state=Refund.State.FAILED)
    return max(0, payment.amount_minor - (under_way.aggregate(sum=Sum("amount_minor"))["sum"] or 0))
