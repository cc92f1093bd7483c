"""The link of an unpaid order, mailed to its buyer once more."""

from django.db import transaction

from orders.models import Order
from schools.journal import record_event


@transaction.atomic
def mail_pay_link(*, order: Order) -> None:
    """Have the pay link sent to the buyer who asked for the same again from another browser (`errors.Reserved`)."""
    record_event("order.link_asked", subject=order)
