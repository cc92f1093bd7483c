"""What this app holds about contacts: orders and what was said about them. The books stay (trust D8)."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.emails import normalize_email
from contacts.holdings import Holding, Names, classify, history_of, register
from contacts.models import Contact
from contacts.own_holding import erased_email
from orders.models import Order, OrderAcceptance, OrderComment, Payment, Refund
from orders.services.closing import cancel_order
from schools import search
from schools.tenancy.history import rewritten_history

SEARCH_KIND = "order"
# A code of orders.Order.close_reason.
ERASED = "erased"


def register_own() -> None:
    """Register the part of this app, and whose the texts of its tables are."""
    register(Holding(key="orders", move=_move, erase=_erase, export=_export, names=_names, counts=_counts))
    classify("orders.InboxEvent", code="event_id kind provider_ref")
    classify(
        "orders.Order",
        person="contact buyer_email buyer_name buyer_phone answers utm reason",
        code=(
            "number source state language currency idempotency_key fingerprint pay_digest pay_salt seat close_reason"
        ),
    )
    classify("orders.OrderAcceptance", person="client_address")
    classify("orders.OrderAccess")
    classify("orders.OrderComment", person="text")
    classify("orders.OrderDiscount", school="code")
    classify("orders.OrderLine", school="title", code="kind open_for_unit")
    classify("orders.OrderLineDiscount")
    classify("orders.OrderLineItem")
    classify(
        "orders.Payment",
        person="session comment",
        code="provider token provider_ref state currency kind failure review_reason",
    )
    classify("orders.PaymentConnection", school="title options", code="provider token")
    classify("orders.Refund", person="reason", code="state provider_ref failure")


def _move(other: Contact, into: Contact) -> None:
    Order.objects.filter(contact=other).update(contact=into)


def _names(contact: Contact) -> Names:
    typed = list(
        _past(Order, contact).filter(contact_id=contact.pk).values_list("buyer_email", "buyer_name", "buyer_phone")
    )
    typed += Order.objects.filter(contact=contact).values_list("buyer_email", "buyer_name", "buyer_phone")
    return Names(
        frozenset(normalize_email(row[0]) for row in typed if row[0]),
        frozenset(text for row in typed for text in row[1:] if text),
    )


def _erase(contact: Contact) -> None:
    orders = Order.objects.filter(contact=contact)
    for order in orders.pending().order_by("pk"):
        cancel_order(order=order, reason=ERASED, actor=None)
    nobody = {
        "buyer_email": erased_email(contact),
        **dict.fromkeys(("buyer_name", "buyer_phone", "reason"), ""),
        "answers": [],
        "utm": {},
    }
    orders.update(**nobody)
    past = {"pgh_context": None}
    with rewritten_history(Order, Payment, Refund):
        _past(Order, contact).filter(pgh_obj_id__in=orders.values("pk")).update(**nobody, **past)
        _past(Order, contact).filter(contact_id=contact.pk).update(**nobody, **past)
        _erase_payments(contact, past)
    OrderComment.objects.filter(order__in=orders).delete()
    OrderAcceptance.objects.filter(order__in=orders).update(client_address=None)
    for order in orders:
        search.index(SEARCH_KIND, order.pk, order.number, *order.lines.values_list("title", flat=True)[:1])


def _erase_payments(contact: Contact, past: dict[str, Any]) -> None:
    payments = Payment.objects.filter(order__contact=contact)
    payments.update(session={}, comment="")
    _past(Payment, contact).filter(pgh_obj_id__in=payments.values("pk")).update(session={}, comment="", **past)
    refunds = Refund.objects.filter(payment__order__contact=contact)
    refunds.update(reason="")
    _past(Refund, contact).filter(pgh_obj_id__in=refunds.values("pk")).update(reason="", **past)


def _past(model: Any, contact: Contact) -> Any:
    return history_of(model).objects.filter(school_id=contact.school_id)


def _counts(contact: Contact) -> list[tuple[str | Promise, int]]:
    orders = Order.objects.filter(contact=contact)
    return [(_("Orders"), orders.count()), (_("Unpaid orders"), orders.pending().count())]


def _export(contact: Contact) -> dict[str, Any]:
    orders = Order.objects.filter(contact=contact).order_by("created_at", "pk")
    return {"orders": [_exported(order) for order in orders]}


def _exported(order: Order) -> dict[str, Any]:
    names = (
        "number", "state", "buyer_email", "buyer_name", "buyer_phone", "answers", "utm", "language", "currency",
        "subtotal_minor", "discount_minor", "total_minor", "reason", "created_at", "paid_at", "closed_at",
    )  # fmt: skip
    payments = order.payments.order_by("created_at", "pk")
    return {name: getattr(order, name) for name in names} | {
        "lines": list(order.lines.order_by("position").values_list("title", flat=True)),
        "payments": list(
            payments.values("provider", "state", "amount_minor", "refunded_minor", "currency", "created_at")
        ),
        "accepted": list(order.acceptances.values("version__document__name", "accepted_at", "client_address")),
        "comments": list(order.comments.order_by("created_at", "pk").values("text", "created_at")),
    }
