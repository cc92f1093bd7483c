"""The secret of a pay link: derived from the order and a random salt, found by its digest (decision 8)."""

import base64
import secrets

from django.db import transaction
from django.utils.crypto import salted_hmac

from kwiga.tokens import digest
from orders.models import Order
from schools.journal import record_event
from schools.models import School, User
from schools.sites import site_url

_PURPOSE = "orders.links.pay"


def new_salt() -> str:
    """A random salt; a new one makes the link before it stop working."""
    return secrets.token_hex(16)


def pay_token(order: Order) -> str:
    """The secret in `/pay/<token>/`: 128 bits, the same as long as the salt is."""
    text = f"{order.school_id}:{order.number}:{order.pay_salt}"
    mac = salted_hmac(_PURPOSE, text, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(mac[:16]).decode().rstrip("=")


def pay_url(school: School, order: Order) -> str:
    """The absolute address at which anybody who has it can pay for the order."""
    return site_url(school, "pay", pay_token(order))


def order_of_token(token: str) -> Order | None:
    """The open scope's order that the link belongs to; None for an unknown, old or another school's token."""
    return Order.objects.select_related("contact", "offer").filter(pay_digest=digest(token)).first()


@transaction.atomic
def renew_pay_link(*, order: Order, actor: User | None) -> Order:
    """Draw a new secret: the link sent before stops working at once (K02)."""
    locked = Order.objects.select_for_update(of=("self",), no_key=True).get(pk=order.pk)
    locked.pay_salt = new_salt()
    locked.pay_digest = digest(pay_token(locked))
    locked.save(update_fields=["pay_salt", "pay_digest"])
    record_event("order.link_renewed", subject=locked, actor=actor)
    return locked
