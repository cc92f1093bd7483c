"""Writing an order down: the snapshot of what was agreed, with its search words and its due times."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from courses.models import AccessWindow
from courses.services.access import Part
from kwiga.tokens import digest
from orders.links import new_salt, pay_token
from orders.models import Order, OrderLine, OrderLineItem
from orders.services.due import schedule_expiry, schedule_release
from schools.search import index_new

WINDOW = ("opens_at", "closes_at", "open_for", "open_for_unit")


@dataclass(frozen=True, kw_only=True)
class Line:
    """The one line of an order; prices in minor units, `window` as on the offer."""

    title: str
    list_price_minor: int
    price_minor: int
    window: AccessWindow
    parts: Sequence[Part]
    discount_minor: int = 0
    extra: dict[str, Any] = field(default_factory=dict)


def write_order(order: Order, line: Line) -> OrderLine:
    """Save a new order with its line and what that opens, findable; the line.

    One that has to be paid gets its due times on the clock.
    """
    order.pay_salt = new_salt()
    order.pay_digest = digest(pay_token(order))
    order.save(force_insert=True)
    row = _write_line(order, line)
    words = (order.number, order.buyer_email, order.buyer_name, line.title)
    index_new("order", order.pk, *words)
    if order.total_minor:
        schedule_expiry(order)
        schedule_release(order)
    return row


def fresh_key() -> str:
    """An idempotency key for an order that comes without a form."""
    return secrets.token_urlsafe(24)


def _write_line(order: Order, line: Line) -> OrderLine:
    row = OrderLine(
        school_id=order.school_id,
        order=order,
        offer_id=order.offer_id,
        title=line.title,
        list_price_minor=line.list_price_minor,
        price_minor=line.price_minor,
        discount_minor=line.discount_minor,
        total_minor=line.price_minor - line.discount_minor,
        **{name: getattr(line.window, name) for name in WINDOW},
    )
    row.save(force_insert=True)
    OrderLineItem.objects.bulk_create(
        OrderLineItem(
            school_id=order.school_id,
            line=row,
            course_id=part.course_id,
            module_id=part.module_id,
            lesson_id=part.lesson_id,
        )
        for part in line.parts
    )
    return row
