"""What happens to coupons, as the activity page says it."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from coupons.models import Coupon, CouponCode
from schools.activity import Kind, Subject, Topic, register
from schools.models import Event, School


def register_own() -> None:
    """Register the topic of this app."""
    register("coupons", Topic(label=_("Promo codes"), kinds=_COUPONS, subjects=_coupons))


_REASONS = {
    "canceled": _("the order was canceled"),
    "expired": _("the order expired"),
    "hold_ended": _("the hold ended unpaid"),
    "replaced": _("the buyer ordered again"),
    "refunded": _("the money was given back"),
}


def _reason(event: Event) -> str:
    return str(_REASONS.get(event.data.get("reason", ""), ""))


def _its_code(event: Event) -> str:
    return str(event.data.get("code", ""))


_COUPONS = {
    "coupon.created": Kind(_("Coupon made"), "ticket-percent"),
    "coupon.changed": Kind(_("Coupon changed"), "pencil"),
    "coupon.published": Kind(_("Coupon made live"), "ticket-check"),
    "coupon.paused": Kind(_("Coupon paused"), "pause"),
    "coupon.resumed": Kind(_("Coupon resumed"), "play"),
    "coupon.ended": Kind(_("Coupon ended"), "ticket-x"),
    "coupon.extended": Kind(_("Coupon extended"), "calendar-plus"),
    "coupon.archived": Kind(_("Coupon archived"), "archive"),
    "coupon.deleted": Kind(_("Coupon deleted"), "trash-2", _its_code),
    "coupon.import_started": Kind(_("Import of coupons started"), "upload"),
    "coupon.restored": Kind(_("Deleted coupon brought back"), "rotate-ccw"),
    "coupon.rewarded": Kind(_("Coupon given by an automation"), "gift"),
    "coupon.activated": Kind(_("Coupon given before can be used now"), "ticket-check"),
    "coupon.held": Kind(_("Use of a coupon held"), "ticket"),
    "coupon.redeemed": Kind(_("Coupon used"), "ticket-check"),
    "coupon.released": Kind(_("Use of a coupon given back"), "ticket-minus", _reason),
}


def _coupons(school: School, events: Sequence[Event]) -> dict[int, Subject]:
    wanted = {event.subject_id for event in events if event.subject_id}
    tokens = dict(Coupon.objects.filter(pk__in=wanted).values_list("pk", "token"))
    codes = dict(CouponCode.objects.filter(coupon__in=wanted).values_list("coupon_id", "code"))
    return {
        event.pk: Subject(
            codes[event.subject_id], reverse("coupons:detail", args=[school.slug, tokens[event.subject_id]])
        )
        for event in events
        if event.subject_id in tokens and event.subject_id in codes
    }
