"""What conditions can ask of a contact's coupons: codes used, and personal coupons that can be used."""

from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from contacts.segments import facts
from contacts.segments.facts import SegmentFact
from contacts.segments.members import NOBODY
from contacts.segments.operators import NO, YES, Kind, Operator
from contacts.segments.values import Nothing, Text
from coupons.codes import CodeRefused, code_key
from coupons.models import Coupon, Redemption
from coupons.status import Status, status_filter
from kwiga import clock

_COUPONS = _("Coupons")


def register_own() -> None:
    """Register the facts of this app."""
    facts.register(_used(), _holds())


def _used() -> SegmentFact:
    """Asked by the code as it is typed, because a school may have a hundred thousand coupons."""
    nothing, code = Nothing(), Text()
    return SegmentFact(
        key="coupon_used",
        label=_("Coupon used"),
        topic=_COUPONS,
        kind=Kind.TEXT,
        operators=(
            Operator("any", _("any"), nothing),
            Operator("none", _("none"), nothing),
            Operator("code", _("with the code"), code),
            Operator("not_code", _("not with the code"), code),
        ),
        condition=_has_used,
        sentences={
            "any": _("has used a coupon"),
            "none": _("has used no coupon"),
            "code": _("has used the code %(value)s"),
            "not_code": _("has not used the code %(value)s"),
        },
    )


def _has_used(op: str, code: str | None) -> Q:
    own = Redemption.objects.filter(contact=OuterRef("pk"), state=Redemption.State.CONFIRMED)
    if code is not None:
        try:
            own = own.filter(code__code_key=code_key(code))
        except CodeRefused:  # nobody has used what is no code
            return NOBODY if op == "code" else ~NOBODY
    used = Q(Exists(own))
    return used if op in ("any", "code") else ~used


def _holds() -> SegmentFact:
    return SegmentFact(
        key="personal_coupon",
        label=_("Personal coupon that can be used"),
        topic=_COUPONS,
        kind=Kind.FLAG,
        condition=_has_personal,
        operators=(Operator(YES.key, _("has one"), YES.takes), Operator(NO.key, _("has none"), NO.takes)),
        sentences={YES.key: _("has a personal coupon"), NO.key: _("has no personal coupon")},
    )


def _has_personal(op: str, value: Any) -> Q:
    """Active, and with a use left for the contact."""
    uses = Redemption.objects.filter(coupon=OuterRef("pk"), contact=OuterRef("contact"), state__in=Redemption.COUNTED)
    counted = uses.order_by().values("coupon").annotate(number=Count("pk")).values("number")
    own = Coupon.objects.filter(status_filter(Status.ACTIVE, clock.now()), contact=OuterRef("pk"))
    own = own.filter(Q(max_uses=None) | Q(uses__lt=F("max_uses"))).annotate(
        own_uses=Coalesce(Subquery(counted, output_field=IntegerField()), 0)
    )
    held = Q(Exists(own.filter(Q(max_uses_per_contact=None) | Q(own_uses__lt=F("max_uses_per_contact")))))
    return held if op == YES.key else ~held
