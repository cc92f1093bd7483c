"""Orders and payments written down directly, for pages that only read them."""

import itertools
from datetime import datetime
from typing import Any

from contacts.models import Contact
from kwiga import clock
from kwiga.tokens import digest
from orders.models import Order, OrderLine, Payment
from schools import search
from schools.models import School
from schools.tenancy.scope import school_scope

_numbers = itertools.count(1)


def an_order(school: School, **fields: Any) -> Order:
    """A pending order of 1 200 UAH by somebody; `email`, `name`, `contact` and fields of the model change it."""
    number = next(_numbers)
    with school_scope(school):
        email = fields.pop("email", f"buyer{number}@example.test")
        name = fields.pop("name", "")
        contact = (
            fields.pop("contact", None)
            or Contact.objects.get_or_create(school=school, email=email, defaults={"name": name})[0]
        )
        total = fields.pop("total_minor", 120_000)
        given = {
            "buyer_email": contact.email,
            "buyer_name": name or contact.name,
            "language": "en",
            "currency": "UAH",
            "subtotal_minor": total,
            "total_minor": total,
            "idempotency_key": f"key{number}",
            "fingerprint": digest(f"form{number}"),
            "pay_digest": digest(f"pay{number}"),
            "pay_salt": "salt",
        } | fields
        if given.get("state") in Order.SETTLED:
            given.setdefault("paid_at", given.get("created_at") or clock.now())
        order = Order.objects.create(school=school, contact=contact, **given)
        title = order.offer.title if order.offer else "Course"
        OrderLine.objects.create(
            school=school,
            order=order,
            offer=order.offer,
            title=title,
            list_price_minor=order.subtotal_minor,
            price_minor=order.subtotal_minor,
            discount_minor=order.discount_minor,
            total_minor=order.total_minor,
        )
        search.index("order", order.pk, order.number, order.buyer_email, order.buyer_name, title)
        return order


def a_payment(order: Order, **fields: Any) -> Payment:
    """A captured payment of the whole order; fields of the model change it."""
    with school_scope(order.school_id):
        at: datetime = fields.get("created_at") or clock.now()
        given = {"provider": "test_bank", "state": "captured", "amount_minor": order.total_minor} | fields
        if given["state"] in Payment.CAPTURED:
            given.setdefault("processed_at", at)
        return Payment.objects.create(school_id=order.school_id, order=order, currency=order.currency, **given)
