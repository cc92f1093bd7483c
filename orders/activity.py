"""What happens to orders and their money, as the activity page and the order's timeline say it."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kwiga.money import format_money
from orders.models import Order
from schools.activity import Kind, Subject, Topic, register
from schools.models import Event, School


def register_own() -> None:
    """Register the topic of this app."""
    register("orders", Topic(label=_("Orders"), kinds=_ORDERS, subjects=_orders))


def _sum(event: Event) -> str:
    data: dict[str, Any] = event.data
    amount = data.get("amount_minor", data.get("total_minor"))
    return format_money(amount, data["currency"]) if amount is not None and "currency" in data else ""


_REASONS = {
    "replaced": _("the buyer ordered again"),
    "amount": _("another amount than asked for"),
    "currency": _("another currency than asked for"),
    "reference": _("a reference that is not ours"),
    "dead_order": _("the order was closed"),
    "second_payment": _("the order was paid before"),
    "no_seat": _("no seat was left"),
    "no_coupon": _("the coupon could not be used any more"),
    "once_only": _("each person can buy this once"),
}


def _reason(event: Event) -> str:
    reason = event.data.get("reason", "")
    return str(_REASONS.get(reason, reason))


_ANSWERS = {"accepted": _("accepted"), "refunded": _("to be given back")}


def _answer(event: Event) -> str:
    return str(_ANSWERS.get(event.data.get("answer", ""), ""))


_ORDERS = {
    "order.placed": Kind(_("Order placed"), "shopping-cart"),
    "order.paid": Kind(_("Order paid"), "circle-check-big", _sum),
    "order.canceled": Kind(_("Order canceled"), "circle-x", _reason),
    "order.seat_released": Kind(_("Reserved seat given back"), "armchair"),
    "order.expired": Kind(_("Order expired"), "clock-alert"),
    "order.moved": Kind(_("Order moved to another person"), "user-round-cog"),
    "order.commented": Kind(_("Comment written"), "message-square"),
    "order.link_renewed": Kind(_("New pay link made"), "link"),
    "order.link_asked": Kind(_("Pay link sent to the buyer again"), "mail"),
    "order.reissued": Kind(_("Order opened for payment again"), "rotate-cw"),
    "payment.started": Kind(_("Payment started"), "credit-card", _sum),
    "payment.captured": Kind(_("Payment arrived"), "banknote", _sum),
    "payment.failed": Kind(_("Payment failed"), "circle-alert", _sum),
    "payment.review_needed": Kind(_("Payment needs a decision"), "triangle-alert", _reason),
    "payment.reviewed": Kind(_("Payment decided"), "check", _answer),
    "payment.marked_paid": Kind(_("Payment written down by the team"), "hand-coins", _sum),
    "refund.requested": Kind(_("Refund requested"), "undo-2", _sum),
    "refund.succeeded": Kind(_("Money given back"), "undo-2", _sum),
    "refund.failed": Kind(_("Refund failed"), "circle-alert", _sum),
}


def _orders(school: School, events: Sequence[Event]) -> dict[int, Subject]:
    orders = Order.objects.in_bulk({event.subject_id for event in events if event.subject_id})
    return {
        event.pk: Subject(order.number, reverse("orders:detail", args=[school.slug, order.number]))
        for event in events
        if event.subject_id and (order := orders.get(event.subject_id))
    }
