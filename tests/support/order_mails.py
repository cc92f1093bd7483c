"""Mails that orders send."""

from collections.abc import Callable
from typing import Any

from django.core import mail as django_mail
from django.core.mail import EmailMultiAlternatives

from offers.models import Offer
from orders.models import Order
from schools.journal import record_event
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope

Said = Callable[..., Offer]


def sent() -> list[EmailMultiAlternatives]:
    """What has gone out once everything due is done."""
    drain()
    return list(django_mail.outbox)


def only_mail() -> EmailMultiAlternatives:
    (mail,) = sent()
    return mail


def html_of(mail: EmailMultiAlternatives) -> str:
    return str(mail.alternatives[0].content)


def told_again(order: Order, kind: str, times: int = 2, **data: Any) -> None:
    """The journal says the same once more, as after a repeated notice of a provider."""
    with school_scope(order.school_id):
        for _ in range(times):
            record_event(kind, subject=order, data=data)
