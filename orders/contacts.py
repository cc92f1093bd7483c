"""What this app tells about contacts: facts to filter them by, and a section of their page."""

from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from contacts import card, facts
from contacts.models import Contact
from orders.models import Order, Payment
from schools.roles import Right

LATEST = 5


def register_own() -> None:
    """Register the facts and the section of this app."""
    facts.register(
        facts.Fact(key="bought", label=_("Has bought"), label_not=_("Has not bought"), condition=_has_bought)
    )
    facts.register(
        facts.Fact(key="unpaid", label=_("Has an unpaid order"), label_not=_("Has no unpaid order"), condition=_unpaid)
    )
    card.register(
        card.CardSection(
            template="orders/_contact_orders.html", right=Right.VIEW_ORDERS, context=_latest, subjects=_subjects
        )
    )


def _has_bought() -> Exists:
    """Paid for something; what was free or wholly given back does not count."""
    paid = Order.objects.filter(contact=OuterRef("pk"), state__in=["paid", "part_refunded"], total_minor__gt=0)
    return Exists(paid)


def _unpaid() -> Exists:
    return Exists(Order.objects.pending().filter(contact=OuterRef("pk")))


def _latest(contact: Contact) -> dict[str, Any]:
    own = Order.objects.filter(contact=contact).select_related("offer").prefetch_related("lines")
    orders = list(own.order_by("-created_at", "-id")[: LATEST + 1])
    return {"orders": orders[:LATEST], "has_more": len(orders) > LATEST}


def _subjects(contact: Contact) -> list[tuple[str, Any]]:
    orders = Order.objects.filter(contact=contact).values("pk")
    return [("order", orders), ("payment", Payment.objects.filter(order__contact=contact).values("pk"))]
