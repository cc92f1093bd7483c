"""The student's orders on a school's host, each with a receipt to print."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kwiga.paging import page_of
from orders.links import pay_token
from orders.models import Order, Payment, Refund
from orders.payments.registry import label_of


@dataclass(frozen=True, kw_only=True)
class Paid:
    """Money that arrived for an order, or went back: how much, how and when."""

    amount_minor: int
    currency: str
    method: str | Promise
    at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What stands on a receipt beside the order itself."""

    order: Order
    payments: list[Paid]
    refunds: list[Paid]

    @property
    def refunded_minor(self) -> int:
        return sum(refund.amount_minor for refund in self.refunds)


@never_cache
@require_safe
def orders(request: Any) -> HttpResponse:
    """The student's own orders, newest first."""
    own = Order.objects.filter(contact=request.contact).select_related("offer").prefetch_related("lines")
    return render(request, "student/orders.html", {"page": page_of(own, request, size=20)})


@never_cache
@require_safe
def order(request: Any, number: str) -> HttpResponse:
    """One order as a receipt to print; somebody else's is not there (T2)."""
    found = Order.objects.filter(contact=request.contact, number=number).prefetch_related("lines").first()
    if found is None:
        raise Http404
    context = {"receipt": receipt_of(found), "order": found, "pay_path": pay_path(found)}
    return render(request, "student/order.html", context)


def receipt_of(order: Order) -> Receipt:
    """The money of an order in two queries; within its school's scope."""
    payments = Payment.objects.captured().filter(order=order).order_by("processed_at", "id")
    refunds = Refund.objects.filter(payment__order=order, state=Refund.State.SUCCEEDED).select_related("payment")
    return Receipt(
        order=order,
        payments=[_paid(payment, payment.amount_minor, payment.processed_at) for payment in payments],
        refunds=[_paid(each.payment, each.amount_minor, each.processed_at) for each in refunds.order_by("id")],
    )


def pay_path(order: Order) -> str:
    """The page where an unpaid order is paid; empty when there is nothing to pay any more."""
    unpaid = order.state in {Order.State.PENDING, Order.State.PART_PAID}
    return reverse("pay", args=[pay_token(order)]) if unpaid else ""


def _paid(payment: Payment, amount_minor: int, at: datetime | None) -> Paid:
    return Paid(amount_minor=amount_minor, currency=payment.currency, method=label_of(payment.provider), at=at)
