"""An order's page in the dashboard, and what came of it."""

from typing import Any

from django.test import Client

from courses.models import Access
from orders.models import Order, OrderAccess, Payment
from schools.tenancy.scope import school_scope


def page(order: Order) -> str:
    return f"/green/orders/{order.number}/"


def fresh(order: Order) -> Order:
    with school_scope(order.school_id):
        return Order.objects.get(pk=order.pk)


def access_of(order: Order) -> Access:
    with school_scope(order.school_id):
        return OrderAccess.objects.select_related("access").get(order=order).access


def mark_paid(client: Client, order: Order, **change: str) -> Any:
    return client.post(f"{page(order)}payment/", {"amount": "1200", "provider": "outside", "comment": "cash"} | change)


def refund_address(order: Order) -> str:
    with school_scope(order.school_id):
        return f"{page(order)}payments/{Payment.objects.get().token}/refund/"
