"""Everything that belongs to one order, for its page: a fixed number of queries, whatever it holds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Prefetch

from courses.models import AccessPart
from offers.models import TermsText
from orders.models import (
    Order,
    OrderAcceptance,
    OrderAccess,
    OrderComment,
    OrderLine,
    OrderLineItem,
    Payment,
    Refund,
)
from orders.selectors.money import due_minor
from schools.activity import Entry, entries_of
from schools.models import Event, School

EVENTS_SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class OrderPage:
    """One order with its lines, money, access, consents, notes and history. `due_minor` is what is still to be paid."""

    order: Order
    lines: Sequence[OrderLine]
    payments: Sequence[Payment]
    accesses: Sequence[OrderAccess]
    acceptances: Sequence[OrderAcceptance]
    comments: Sequence[OrderComment]
    timeline: Sequence[Entry]
    due_minor: int

    @property
    def to_review(self) -> list[Payment]:
        return [payment for payment in self.payments if payment.needs_review_at]


def order_page(school: School, order: Order) -> OrderPage:
    """Read it all, in the open scope."""
    return OrderPage(
        order=order,
        lines=_lines(order),
        payments=_payments(order),
        accesses=_accesses(order),
        acceptances=_acceptances(order),
        comments=list(OrderComment.objects.filter(order=order).select_related("author").order_by("created_at", "id")),
        timeline=_timeline(school, order),
        due_minor=due_minor(order),
    )


def _lines(order: Order) -> list[OrderLine]:
    items = OrderLineItem.objects.select_related("course", "module", "lesson").order_by("course_id", "id")
    return list(OrderLine.objects.filter(order=order).prefetch_related(Prefetch("items", items)).order_by("position"))


def _payments(order: Order) -> list[Payment]:
    refunds = Refund.objects.select_related("made_by").order_by("created_at", "id")
    payments = Payment.objects.filter(order=order).select_related("marked_by", "connection")
    return list(payments.prefetch_related(Prefetch("refunds", refunds)).order_by("-created_at", "-id"))


def _accesses(order: Order) -> list[OrderAccess]:
    parts = AccessPart.objects.select_related("module", "lesson").order_by("id")
    opened = OrderAccess.objects.filter(order=order).select_related("access__course")
    return list(opened.prefetch_related(Prefetch("access__parts", parts)).order_by("id"))


def _acceptances(order: Order) -> list[OrderAcceptance]:
    texts = TermsText.objects.defer("body").order_by("id")
    accepted = OrderAcceptance.objects.filter(order=order).select_related("version__document")
    return list(accepted.prefetch_related(Prefetch("version__texts", texts)).order_by("id"))


def _timeline(school: School, order: Order) -> list[Entry]:
    """The newest events about the order, newest first; each names the order already by where it stands."""
    about = Event.objects.filter(subject_kind="order", subject_id=order.pk).select_related("actor")
    events = list(about.order_by("-created_at", "-id")[:EVENTS_SHOWN])
    return [replace(entry, subject=None) for entry in entries_of(school, events)]
