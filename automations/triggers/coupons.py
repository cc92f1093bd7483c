"""Triggers of coupons: used, and about to end."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from automations.objects import id_of
from automations.settings_fields import FieldKind, SettingField
from automations.triggers.clock import RowRule, shifted
from automations.triggers.orders import occurrence_of
from automations.triggers.registry import Occurrence, Settings, Trigger, register
from coupons.models import Coupon
from orders.models import Order
from schools.models import Event

_GROUP = _("Promo codes")


def register_own() -> None:
    """Register the triggers of coupons."""
    coupon = SettingField(name="coupon", kind=FieldKind.COUPON, label=_("Coupon"))
    days = SettingField(
        name="days", kind=FieldKind.NUMBER, label=_("Days before"), required=True, maximum=365, initial=2
    )
    register(
        Trigger(
            key="coupon.redeemed",
            label=_("A coupon is used"),
            group=_GROUP,
            fields=(coupon,),
            kinds=("coupon.redeemed",),
            occurrences=_redeemed,
            gives=frozenset({"order", "offer", "course"}),
        )
    )
    register(
        Trigger(
            key="coupon.ending",
            label=_("A personal coupon is about to end unused"),
            group=_GROUP,
            fields=(days,),
            clock=EndingCoupon(),
        )
    )


def _redeemed(event: Event, settings: Settings) -> Iterable[Occurrence]:
    token = settings.get("coupon", "")
    if token and id_of(FieldKind.COUPON, token) != event.subject_id:
        return
    order = Order.objects.filter(discounts__redemption=event.data["redemption"]).order_by("-id").first()
    if order:
        yield occurrence_of(order, f"event:{event.pk}")


class EndingCoupon(RowRule):
    """Unused coupons of one person that end so many days from now."""

    def rows(self, settings: Settings, since: datetime, until: datetime) -> "QuerySet[Coupon]":
        days = settings.get("days") or 0
        return self._unused().filter(ends_at__gt=shifted(since, days), ends_at__lte=shifted(until, days))

    def next_due(self, settings: Settings, after: datetime) -> datetime | None:
        days = settings.get("days") or 0
        rows = self._unused().filter(ends_at__gt=shifted(after, days)).order_by("ends_at")
        first = rows.values_list("ends_at", flat=True).first()
        return shifted(first, -days) if first else None

    def occurrence(self, row: Coupon, settings: Settings) -> Occurrence | None:
        if row.contact_id is None or row.ends_at is None:
            return None
        return Occurrence(
            contact_id=row.contact_id, key=f"coupon:{row.pk}:{row.ends_at.isoformat()}", about=f"coupon:{row.pk}"
        )

    def _unused(self) -> "QuerySet[Coupon]":
        live = Coupon.objects.filter(is_draft=False, paused_at=None, ended_at=None, archived_at=None, is_used=False)
        return live.filter(audience=Coupon.Audience.CONTACT)
