"""What a line of an exported file says about an order or a transaction (K03, trust D4)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kwiga.money import to_major
from orders.models import Order, Payment
from orders.payments.registry import label_of


@dataclass(frozen=True)
class Column:
    """`key` heads the column for machines, `title` for people; `value` is text, an instant, or nothing."""

    key: str
    title: str | Promise
    value: Callable[[Any], Any]
    spoken: Callable[[Any], Any] | None = None  # for people, where that differs


Columns = Sequence[Column]


def head_of(columns: Columns, *, raw: bool) -> list[str]:
    """The first line; columns with instants name the time zone for people."""
    return [column.key if raw else str(column.title) for column in columns]


def cells_of(columns: Columns, row: Any, *, raw: bool) -> list[str]:
    """One line, in the active language and time zone."""
    return [_text((column.value if raw else column.spoken or column.value)(row), raw) for column in columns]


def _text(value: Any, raw: bool) -> str:
    if isinstance(value, datetime):
        local = timezone.localtime(value)
        return local.isoformat(timespec="seconds") if raw else f"{local:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, bool):
        return ("1" if value else "0") if raw else (_("yes") if value else "")
    return "" if value is None else str(value)


def _amount(of: Callable[[Any], int]) -> Callable[[Any], str]:
    return lambda row: f"{to_major(of(row), row.currency):f}"


def _utm(name: str) -> Callable[[Order], str]:
    return lambda order: str(order.utm.get(f"utm_{name}", ""))


def _codes(order: Order) -> str:
    return ", ".join(given.code for given in order.discounts.all())


ORDER_COLUMNS: Columns = [
    Column("number", gettext_lazy("Order"), lambda order: order.number),
    Column("created_at", gettext_lazy("Created"), lambda order: order.created_at),
    Column("state", gettext_lazy("State"), lambda order: order.state, Order.get_state_display),
    Column("source", gettext_lazy("Source"), lambda order: order.source, Order.get_source_display),
    Column("email", gettext_lazy("Email"), lambda order: order.buyer_email),
    Column("name", gettext_lazy("Name"), lambda order: order.buyer_name),
    Column("phone", gettext_lazy("Phone"), lambda order: order.buyer_phone),
    Column("offer", gettext_lazy("Offer"), lambda order: order.offer.title if order.offer else ""),
    Column("currency", gettext_lazy("Currency"), lambda order: order.currency),
    Column("subtotal", gettext_lazy("Price"), _amount(lambda order: order.subtotal_minor)),
    Column("discount", gettext_lazy("Discount"), _amount(lambda order: order.discount_minor)),
    Column("coupon", gettext_lazy("Coupon code"), _codes),
    Column("total", gettext_lazy("Total"), _amount(lambda order: order.total_minor)),
    Column("paid_at", gettext_lazy("Paid at"), lambda order: order.paid_at),
    Column("closed_at", gettext_lazy("Closed"), lambda order: order.closed_at),
    Column("is_test", gettext_lazy("Test money"), lambda order: order.is_test),
    Column("reason", gettext_lazy("Reason"), lambda order: order.reason),
    Column("utm_source", "utm_source", _utm("source")),
    Column("utm_medium", "utm_medium", _utm("medium")),
    Column("utm_campaign", "utm_campaign", _utm("campaign")),
]

PAYMENT_COLUMNS: Columns = [
    Column("transaction", gettext_lazy("Transaction"), lambda payment: payment.token),
    Column("order", gettext_lazy("Order"), lambda payment: payment.order.number),
    Column("created_at", gettext_lazy("Created"), lambda payment: payment.created_at),
    Column("processed_at", gettext_lazy("Processed"), lambda payment: payment.processed_at),
    Column(
        "provider",
        gettext_lazy("Provider"),
        lambda payment: payment.provider,
        lambda payment: label_of(payment.provider),
    ),
    Column("state", gettext_lazy("State"), lambda payment: payment.state, Payment.get_state_display),
    Column("currency", gettext_lazy("Currency"), lambda payment: payment.currency),
    Column("amount", gettext_lazy("Amount"), _amount(lambda payment: payment.amount_minor)),
    Column("refunded", gettext_lazy("Given back"), _amount(lambda payment: payment.refunded_minor)),
    Column("email", gettext_lazy("Email"), lambda payment: payment.order.buyer_email),
    Column("name", gettext_lazy("Name"), lambda payment: payment.order.buyer_name),
    Column("offer", gettext_lazy("Offer"), lambda payment: payment.order.offer.title if payment.order.offer else ""),
    Column("failure", gettext_lazy("Failure"), lambda payment: payment.failure),
    Column("provider_ref", gettext_lazy("Number at the provider"), lambda payment: payment.provider_ref),
    Column("is_test", gettext_lazy("Test money"), lambda payment: payment.is_test),
    Column("comment", gettext_lazy("Comment"), lambda payment: payment.comment),
]
