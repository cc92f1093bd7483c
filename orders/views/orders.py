"""The list of orders, and one order's page."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from kwiga.htmx import render_partial
from kwiga.paging import page_of
from orders.forms.filters import OrderFilterForm
from orders.models import Order
from orders.selectors.lists import bounded_count, orders_matching, shown_orders
from schools.access import requires
from schools.roles import Right, allows


@requires(Right.VIEW_ORDERS)
@require_safe
def order_list(request: Any) -> HttpResponse:
    """Orders, newest first; the address holds search and filters."""
    form = OrderFilterForm(request.GET)
    orders = orders_matching(form.wanted())
    context = {"form": form, "page": page_of(shown_orders(orders), request), "count": bounded_count(orders)}
    return render_partial(request, "orders/order_list.html", "list", context | rights_of(request))


@requires(Right.VIEW_ORDERS)
@require_safe
def order_detail(request: Any, number: str) -> HttpResponse:
    """One order with everything that belongs to it."""
    order = get_object_or_404(shown_orders(Order.objects.all()), number=number)
    return render(request, "orders/order_detail.html", {"order": order} | rights_of(request))


def rights_of(request: Any) -> dict[str, bool]:
    """What the page may offer to this member."""
    role = request.member.role
    return {
        "may_manage": allows(role, Right.MANAGE_ORDERS),
        "may_refund": allows(role, Right.REFUND_ORDERS),
        "may_export": allows(role, Right.EXPORT_ORDERS),
    }
