"""Canceling many orders at once: a handful right away, any number through the outbox, one transaction each."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from kwiga.errors import DomainError
from kwiga.tokens import address_token
from orders.models import Order
from orders.selectors.lists import OrderFilter, orders_matching
from orders.services.closing import cancel_order
from schools.models import OutboxRow, School, User
from schools.outbox.effects import TransactionalEffect, register
from schools.outbox.queue import enqueue
from schools.tenancy.scope import current_school_id

CANCEL, CANCEL_ALL = "order_cancel", "order_cancel_all"
PIECE = 200


@transaction.atomic
def cancel_orders(*, orders: Iterable[Order], reason: str, actor: User | None) -> int:
    """Cancel those that are unpaid, and leave the others as they are; how many were canceled."""
    return sum(_cancel(order, reason, actor) for order in orders)


@transaction.atomic
def cancel_matching(*, wanted: OrderFilter, reason: str, actor: User | None) -> None:
    """Have every unpaid order that fits now canceled by the worker; orders placed later are left alone."""
    facts = {"wanted": _packed(wanted), "reason": reason[:40], "actor": actor.pk if actor else None}
    _next_piece(facts | {"batch": address_token(), "placed_until": clock.now().isoformat(), "behind": 0})


class CancelAllEffect(TransactionalEffect):
    """The next orders of a batch, handed to the worker one by one; the rest is the next row's."""

    label = _("Canceling of many orders")

    def apply(self, row: OutboxRow) -> None:
        """Do it; what was searched for may name a person, and is not kept."""
        _hand_on(row)
        row.payload = {}


class CancelEffect(TransactionalEffect):
    """One order of a batch, unless it was paid or closed meanwhile."""

    label = _("Canceling of an order")

    def apply(self, row: OutboxRow) -> None:
        """Do it."""
        order = Order.objects.pending().filter(pk=row.payload["order"]).first()
        actor = User.objects.filter(pk=row.payload["actor"]).first()
        if order:
            _cancel(order, row.payload["reason"], actor)


def register_own() -> None:
    """Register the effects of this module."""
    register(CANCEL_ALL, CancelAllEffect())
    register(CANCEL, CancelEffect())


def _hand_on(row: OutboxRow) -> None:
    school = School.objects.get(pk=current_school_id())
    with timezone.override(school.time_zone):
        orders = orders_matching(_unpacked(row.payload["wanted"])).pending()
        placed_until = datetime.fromisoformat(row.payload["placed_until"])
        rest = orders.filter(created_at__lte=placed_until, pk__gt=row.payload["behind"]).order_by("pk")
        found = list(rest.values_list("pk", flat=True)[:PIECE])
    for pk in found:
        facts = {"order": pk, "reason": row.payload["reason"], "actor": row.payload["actor"]}
        enqueue(CANCEL, dedupe_key=f"{row.payload['batch']}:{pk}", payload=facts)
    if len(found) == PIECE:
        _next_piece(row.payload | {"behind": found[-1]})


def _cancel(order: Order, reason: str, actor: User | None) -> bool:
    if order.state != Order.State.PENDING:
        return False
    try:
        cancel_order(order=order, reason=reason, actor=actor)
    except DomainError:
        return False  # paid meanwhile
    return True


def _next_piece(facts: dict[str, Any]) -> None:
    enqueue(CANCEL_ALL, dedupe_key=f"{facts['batch']}:{facts['behind']}", payload=facts)


def _packed(wanted: OrderFilter) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(wanted).items()}


def _unpacked(facts: dict[str, Any]) -> OrderFilter:
    days = {name: date.fromisoformat(facts[name]) for name in ("since", "until") if facts[name]}
    return OrderFilter(**(facts | days))
