"""An order goes to the person it was meant for: the email was mistyped."""

from django.db import transaction

from contacts.models import Contact
from contacts.services.people import recognize_contact
from courses.services.access import move_access
from orders.models import Order, OrderAccess
from orders.services.locks import locked_order
from schools import search
from schools.journal import record_event
from schools.models import User


@transaction.atomic
def move_order(*, order: Order, email: str, name: str = "", actor: User | None) -> Order:
    """Give the order and what it opened to the contact with this email, made when there is none.

    The pay link stays; what either person has learned stays with them. Moving it to its own contact corrects only
    what the buyer had typed.
    """
    contact = recognize_contact(email=email, name=name, language=order.language)
    locked = locked_order(order.pk)
    before = locked.contact_id
    locked.contact, locked.buyer_email = contact, contact.email
    locked.buyer_name = name.strip() or contact.name
    locked.save(update_fields=["contact", "buyer_email", "buyer_name"])
    _move_accesses(locked, contact, actor)
    _index(locked)
    record_event("order.moved", subject=locked, actor=actor, data={"from": before, "to": contact.pk})
    return locked


def _move_accesses(order: Order, contact: Contact, actor: User | None) -> None:
    for row in OrderAccess.objects.filter(order=order).select_related("access"):
        if row.access.contact_id != contact.pk:
            move_access(access=row.access, contact=contact, actor=actor)


def _index(order: Order) -> None:
    title = order.lines.order_by("position").values_list("title", flat=True).first() or ""
    search.index("order", order.pk, order.number, order.buyer_email, order.buyer_name, title)
