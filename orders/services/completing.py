"""An order becomes paid: seat, access and journal in the transaction of the money."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from courses.services.access import Part, open_access
from kwiga import clock
from orders.errors import OrderRefused
from orders.models import Order, OrderAccess, OrderLine, Payment
from orders.services.coupon_uses import confirm_uses
from orders.states import order_may
from schools.journal import record_event
from schools.models import User
from schools.tenancy.scope import current_school_id


def complete_order(order: Order, *, payment: Payment | None, actor: User | None = None, mail: bool = True) -> Order:
    """Mark a locked order as paid, confirm its seat and coupon, open what it bought, and say so in the journal.

    What was lost must be held again before (`regaining.regain`). Raises OrderRefused when the order may
    not become paid.
    """
    if not order_may(order.state, Order.State.PAID):
        raise OrderRefused(_("This order cannot become paid any more."))
    order.state, order.paid_at = Order.State.PAID, clock.now()
    order.closed_at, order.close_reason = None, ""
    if order.seat == Order.Seat.HELD:
        order.seat = Order.Seat.CONFIRMED
    order.is_test = bool(payment and payment.is_test)
    order.save(update_fields=["state", "paid_at", "closed_at", "close_reason", "seat", "is_test"])
    confirm_uses(order)
    open_bought(order, order.paid_at)
    facts = {"payment": payment.pk if payment else None, "total_minor": order.total_minor, "currency": order.currency}
    record_event("order.paid", subject=order, actor=actor, data=facts | {"mail": mail})
    return order


def open_bought(order: Order, at: datetime) -> None:
    """Open what each line of the order says, from that instant; told twice it opens once."""
    for line in OrderLine.objects.filter(order=order).prefetch_related("items"):
        _open_line(order, line, at)


def _open_line(order: Order, line: OrderLine, at: datetime) -> None:
    parts = [Part(item.course_id, item.module_id, item.lesson_id) for item in line.items.all()]
    if not parts:
        return
    starts_at, ends_at = line.window_from(at)
    opened = open_access(
        contact=order.contact,
        parts=parts,
        starts_at=starts_at,
        # Bought after the day on which everything closed: it opens nothing, and says since when.
        ends_at=max(starts_at, ends_at) if ends_at else None,
        cause=f"order:{order.pk}:line:{line.pk}",
        reason=order.reason[:200],
        actor=order.made_by,
    )
    rows = [OrderAccess(school_id=current_school_id(), order=order, access=access) for access in opened]
    OrderAccess.objects.bulk_create(rows, ignore_conflicts=True)
