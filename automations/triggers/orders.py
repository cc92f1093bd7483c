"""Triggers of orders: placed, paid, unpaid for a time, expired, refunded, and how many were paid."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from automations.objects import find, id_of
from automations.settings_fields import FieldKind, SettingField
from automations.triggers.clock import RowRule
from automations.triggers.registry import Occurrence, Settings, Trigger, register
from automations.triggers.sums import BOUNDS, within_bounds
from offers.models import OfferItem
from orders.models import Order
from schools.models import Event

_GROUP = _("Orders")
_OFFER = SettingField(name="offer", kind=FieldKind.OFFER, label=_("Offer"))
_PLAIN = SettingField(name="without_coupon", kind=FieldKind.FLAG, label=_("Only orders without a promo code"))
_GIVEN = frozenset({"order", "offer", "course"})
# Kind of event, what people read, and whether paying makes it pointless.
_KINDS = {
    "order.placed": ("order.placed", _("An order is placed"), True),
    "order.paid": ("order.paid", _("An order is paid"), False),
    "order.expired": ("order.expired", _("An order expires unpaid"), True),
    "order.refunded": ("refund.succeeded", _("Money of an order is given back"), False),
}


def register_own() -> None:
    """Register the triggers of orders."""
    for key, (kind, label, ends) in _KINDS.items():
        register(
            Trigger(
                key=key,
                label=label,
                group=_GROUP,
                fields=(_OFFER, *BOUNDS),
                kinds=(kind,),
                occurrences=_ordered,
                gives=_GIVEN,
                ends_when_paid=ends,
            )
        )
    register(
        Trigger(
            key="order.unpaid",
            label=_("An order stays unpaid"),
            group=_GROUP,
            fields=(_OFFER, _hours(), _PLAIN, *BOUNDS),
            clock=Unpaid(),
            gives=_GIVEN,
            ends_when_paid=True,
        )
    )
    register(
        Trigger(
            key="purchases.reached",
            label=_("A number of purchases is reached"),
            group=_GROUP,
            fields=(_count(),),
            kinds=("order.paid",),
            occurrences=_purchases,
            gives=_GIVEN,
        )
    )


def occurrence_of(order: Order, key: str) -> Occurrence:
    """What happened to an order, about its offer and the first course that the offer opens."""
    course = OfferItem.objects.filter(offer=order.offer_id).order_by("id").first() if order.offer_id else None
    return Occurrence(
        contact_id=order.contact_id,
        key=key,
        about=f"offer:{order.offer_id}" if order.offer_id else f"order:{order.pk}",
        order_id=order.pk,
        offer_id=order.offer_id,
        course_id=course.course_id if course else None,
    )


def purchases() -> "QuerySet[Order]":
    """What counts as a purchase: paid, above zero, not given back (K33)."""
    return Order.objects.filter(state__in=(Order.State.PAID, Order.State.PART_REFUNDED), total_minor__gt=0)


def _hours() -> SettingField:
    return SettingField(
        name="hours", kind=FieldKind.NUMBER, label=_("Hours"), required=True, maximum=24 * 60, initial=24
    )


def _count() -> SettingField:
    return SettingField(
        name="count",
        kind=FieldKind.NUMBER,
        label=_("Purchases"),
        required=True,
        initial=2,
        help=_("Paid orders above zero count; what was given back does not."),
    )


def _ordered(event: Event, settings: Settings) -> Iterable[Occurrence]:
    order = Order.objects.filter(within_bounds(settings), pk=event.subject_id or 0).first()
    token = settings.get("offer", "")
    if order and (not token or id_of(FieldKind.OFFER, token) == order.offer_id):
        yield occurrence_of(order, f"event:{event.pk}")


def _purchases(event: Event, settings: Settings) -> Iterable[Occurrence]:
    """The purchase that is the wanted one in the order of payment, whatever came after it; once per contact."""
    order = purchases().filter(pk=event.subject_id or 0).first()
    if order is None:
        return
    until = Q(paid_at__lt=order.paid_at) | Q(paid_at=order.paid_at, pk__lte=order.pk)
    wanted = settings.get("count") or 0
    if purchases().filter(until, contact=order.contact_id).count() == wanted:
        yield occurrence_of(order, f"purchases:{wanted}")


class Unpaid(RowRule):
    """Orders placed so many hours ago that still wait for their money."""

    def rows(self, settings: Settings, since: datetime, until: datetime) -> "QuerySet[Order]":
        delay = self._delay(settings)
        return self._pending(settings).filter(created_at__gt=since - delay, created_at__lte=until - delay)

    def next_due(self, settings: Settings, after: datetime) -> datetime | None:
        delay = self._delay(settings)
        rows = self._pending(settings).filter(created_at__gt=after - delay).order_by("created_at")
        first = rows.values_list("created_at", flat=True).first()
        return first + delay if first else None

    def occurrence(self, row: Order, settings: Settings) -> Occurrence | None:
        return occurrence_of(row, f"unpaid:{row.pk}")

    def _delay(self, settings: Settings) -> timedelta:
        return timedelta(hours=settings.get("hours") or 1)

    def _pending(self, settings: Settings) -> "QuerySet[Order]":
        rows = Order.objects.pending().filter(within_bounds(settings))
        if settings.get("without_coupon"):
            rows = rows.filter(discount_minor=0)
        token = settings.get("offer", "")
        return rows.filter(offer=find(FieldKind.OFFER, token)) if token else rows
