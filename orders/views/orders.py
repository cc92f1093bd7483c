"""The list of orders, and one order's page."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from kwiga import clock
from kwiga.htmx import render_partial
from kwiga.paging import page_of
from orders.forms.actions import CommentForm
from orders.forms.filters import OrderFilterForm
from orders.links import pay_url
from orders.models import Order
from orders.payments.registry import label_of
from orders.selectors.lists import bounded_count, orders_matching, shown_orders
from orders.selectors.order_page import order_page
from schools.access import requires
from schools.roles import Right, allows

REVIEWS = {
    "amount": _("Another sum arrived than the one that was asked for."),
    "currency": _("The money arrived in another currency than that of the order."),
    "reference": _("The provider names another payment than ours."),
    "dead_order": _("The money arrived after the order was closed."),
    "second_payment": _("The order had been paid before: this is a second payment."),
    "no_seat": _("The money arrived after the seat had gone to somebody else."),
    "no_coupon": _("The money arrived after the hold on the coupon had ended, and it cannot be used any more."),
    "once_only": _("This person has bought the offer already, and it can be bought once."),
}


@requires(Right.VIEW_ORDERS)
@require_safe
def order_list(request: Any) -> HttpResponse:
    """Orders, newest first; the address holds search and filters."""
    form = OrderFilterForm(request.GET)
    orders = orders_matching(form.wanted())
    count = bounded_count(orders, text=form.wanted().text)
    context = {"form": form, "page": page_of(shown_orders(orders), request), "count": count}
    return render_partial(request, "orders/order_list.html", "list", context | rights_of(request))


@requires(Right.VIEW_ORDERS)
@require_safe
def order_detail(request: Any, number: str) -> HttpResponse:
    """One order with everything that belongs to it."""
    order = get_object_or_404(shown_orders(Order.objects.select_related("made_by")), number=number)
    page = order_page(request.school, order)
    for payment in page.payments:
        payment.provider_name = label_of(payment.provider)  # type: ignore[attr-defined]
        payment.review_sentence = REVIEWS.get(payment.review_reason, "")  # type: ignore[attr-defined]
    rights = rights_of(request)
    context = {"order": order, "page": page, "now": clock.now(), "comment_form": CommentForm()}
    if rights["may_manage"] and page.due_minor and not order.is_dead:
        context["pay_link"] = pay_url(request.school, order)
    context["may_reissue"] = rights["may_manage"] and order.state == Order.State.EXPIRED
    return render(request, "orders/order_detail.html", context | rights)


def rights_of(request: Any) -> dict[str, bool]:
    """What the page may offer to this member."""
    role = request.member.role
    return {
        "may_manage": allows(role, Right.MANAGE_ORDERS),
        "may_refund": allows(role, Right.REFUND_ORDERS),
        "may_export": allows(role, Right.EXPORT_ORDERS),
    }
