"""Triggers of coupons: given, usable, used, given back, and about to end (C37)."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from automations.models import Run, RunStep
from automations.objects import id_of
from automations.settings_fields import FieldKind, SettingField
from automations.triggers.clock import RowRule, shifted
from automations.triggers.orders import occurrence_of
from automations.triggers.registry import Occurrence, Settings, Trigger, register
from coupons.models import Coupon, Redemption
from orders.models import Order
from schools.models import Event

_GROUP = _("Promo codes")
_COUPON_GIVEN = frozenset({"coupon"})
_ABOUT = "coupon:"


def register_own() -> None:
    """Register the triggers of coupons."""
    coupon = SettingField(name="coupon", kind=FieldKind.COUPON, label=_("Coupon"))
    days = SettingField(
        name="days", kind=FieldKind.NUMBER, label=_("Days before"), required=True, maximum=365, initial=2
    )
    for key, label in (
        ("coupon.rewarded", _("An automation gives a coupon")),
        ("coupon.activated", _("A coupon that was given can be used from now on")),
    ):
        register(Trigger(key=key, label=label, group=_GROUP, kinds=(key,), occurrences=_rewarded, gives=_COUPON_GIVEN))
    for key, label in (
        ("coupon.redeemed", _("A coupon is used")),
        ("coupon.released", _("The use of a coupon is given back")),
    ):
        register(
            Trigger(
                key=key,
                label=label,
                group=_GROUP,
                fields=(coupon,),
                kinds=(key,),
                occurrences=_used,
                gives=_COUPON_GIVEN | {"order", "offer", "course"},
            )
        )
    register(
        Trigger(
            key="coupon.ending",
            label=_("A personal coupon is about to end unused"),
            group=_GROUP,
            fields=(days,),
            clock=EndingCoupon(),
            gives=_COUPON_GIVEN,
        )
    )


def coupon_of(run: Run) -> tuple[Coupon, str] | None:
    """The coupon that the event of a run was about, with the code it has, or that was used; None for other events."""
    if run.about.startswith(_ABOUT):
        coupon = Coupon.objects.filter(pk=int(run.about.removeprefix(_ABOUT))).first()
        code = coupon.codes.order_by("pk").first() if coupon else None
        return (coupon, code.code) if coupon and code else None
    uses = Redemption.objects.filter(pk=run.event.data.get("redemption") or 0).select_related("coupon", "code")
    used = uses.first()
    return (used.coupon, used.code.code) if used else None


def _rewarded(event: Event, settings: Settings) -> Iterable[Occurrence]:
    yield Occurrence(contact_id=event.data["contact"], key=f"event:{event.pk}", about=f"{_ABOUT}{event.subject_id}")


def _used(event: Event, settings: Settings) -> Iterable[Occurrence]:
    token = settings.get("coupon", "")
    if token and id_of(FieldKind.COUPON, token) != event.subject_id:
        return
    # A use that was only held, and never paid for, comes back without having been one.
    redemption = Redemption.objects.filter(pk=event.data["redemption"], confirmed_at__isnull=False).first()
    order = Order.objects.filter(discounts__redemption=redemption).order_by("-id").first() if redemption else None
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
        giver = RunStep.objects.filter(coupon=row).first()
        return Occurrence(
            contact_id=row.contact_id,
            key=f"coupon:{row.pk}:{row.ends_at.isoformat()}",
            about=f"{_ABOUT}{row.pk}",
            run_id=giver.run_id if giver else None,
        )

    def _unused(self) -> "QuerySet[Coupon]":
        live = Coupon.objects.filter(is_draft=False, paused_at=None, ended_at=None, archived_at=None, is_used=False)
        return live.filter(audience=Coupon.Audience.CONTACT)
