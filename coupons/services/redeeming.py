"""Uses of coupons: held when an order is placed, confirmed when it is paid, released otherwise.

Who calls has locked the contact, so that counting the contact's uses and adding one is one step (trust C5). A coupon
with a total limit is one conditional UPDATE (trust C4); one without is locked FOR KEY SHARE, so its buyers wait for
nobody, while every edit, FOR UPDATE, waits for them. All of it happens in the transaction of the order: a refusal
leaves it as it was.
"""

from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, DateTimeField, F, Q

from contacts.models import Contact
from coupons.models import Coupon, CouponCode, Redemption
from coupons.services.errors import NotUsable, UsedByYou, UsedUp
from coupons.status import Status, status_of
from kwiga import clock
from schools.journal import record_event
from schools.tenancy.statements import Given, Statement

_HELD, _CONFIRMED, _RELEASED = Redemption.State.HELD, Redemption.State.CONFIRMED, Redemption.State.RELEASED
_AS_SEEN = Q(is_draft=False, paused_at=None, ended_at=None, archived_at=None)

_COUPON = Given("coupon", BigIntegerField())
_USES_OF_CONTACT = Statement(
    lambda: Redemption.objects.filter(
        coupon=_COUPON, contact=Given("contact", BigIntegerField()), state__in=Redemption.COUNTED
    ).values_list("pk", flat=True)
)
# Locked against edits and not against counting. PostgreSQL keeps the lock of a row that an edit changed while it was
# waited for, also when it fits no longer, and whoever waited may count it next. FOR SHARE would let those hold each
# other up for ever.
_LOCK = "FOR KEY SHARE"
_UNLIMITED = Statement(
    lambda: Coupon.objects.filter(pk=_COUPON, max_uses=None).values_list("pk", flat=True), ending=_LOCK
)
_UNLIMITED_AS_SEEN = Statement(
    lambda: Coupon.objects.filter(
        _AS_SEEN, pk=_COUPON, max_uses=None, updated_at=Given("updated_at", DateTimeField())
    ).values_list("pk", flat=True),
    ending=_LOCK,
)


# No block of its own: a refusal would give up the transaction in which the caller has to look at the price again.
def hold_use(
    *,
    coupon: Coupon,
    code: CouponCode,
    contact: Contact,
    amount_minor: int,
    currency: str,
    held_until: datetime,
    snapshot: dict[str, Any] | None = None,
) -> Redemption:
    """Hold a use for the locked contact, with the terms as they are.

    `coupon` is the one that was looked at, and counts only if nobody has changed it since. Raises UsedUp, UsedByYou,
    NotUsable.
    """
    _check_contact(coupon, contact.pk)
    _take(coupon)
    redemption = Redemption(
        school_id=coupon.school_id,
        coupon=coupon,
        code=code,
        contact=contact,
        amount_minor=amount_minor,
        currency=currency,
        snapshot=snapshot or snapshot_of(coupon, code),
        starts_at=coupon.starts_at,
        ends_at=coupon.ends_at,
        held_until=held_until,
    )
    redemption.save(force_insert=True)
    _tell("coupon.held", redemption)
    return redemption


def confirm_use(*, redemption: Redemption, order_id: int | None = None) -> None:
    """The order is paid: a held use is used. Its order is locked by the caller; said twice it counts once.

    The journal names the order, here and when the use is given back (C37).
    """
    if redemption.state != _HELD:
        return
    redemption.state, redemption.confirmed_at, redemption.held_until = _CONFIRMED, clock.now(), None
    redemption.save(update_fields=["state", "confirmed_at", "held_until"])
    _tell("coupon.redeemed", redemption, order=order_id)


def release_use(*, redemption: Redemption, reason: str, order_id: int | None = None) -> None:
    """Give a held or confirmed use back; the order is locked by the caller. What was given back stays so."""
    if redemption.state == _RELEASED:
        return
    redemption.state, redemption.released_at, redemption.held_until = _RELEASED, clock.now(), None
    redemption.save(update_fields=["state", "released_at", "held_until"])
    _give_back(redemption.coupon_id)
    _tell("coupon.released", redemption, order=order_id, reason=reason)


def rehold_use(*, redemption: Redemption, until: datetime) -> None:
    """Hold a use until then that was held before: longer, or again when the hold was over.

    Again asks what a new use asks: the coupon is active, a use is left, and one for this contact (locked by the
    caller). Raises UsedUp, UsedByYou, NotUsable.
    """
    if redemption.state == _CONFIRMED:
        return
    was_over = redemption.state == _RELEASED
    if was_over:
        coupon = Coupon.objects.get(pk=redemption.coupon_id)
        if status_of(coupon, clock.now()) != Status.ACTIVE:
            raise NotUsable
        _check_contact(coupon, redemption.contact_id)
        _take(coupon)
    redemption.state, redemption.held_until, redemption.released_at = _HELD, until, None
    redemption.save(update_fields=["state", "held_until", "released_at"])
    if was_over:
        _tell("coupon.held", redemption)


def snapshot_of(coupon: Coupon, code: CouponCode) -> dict[str, Any]:
    """The terms of a use as they were, for ever (trust C12)."""
    window = {name: getattr(coupon, name) for name in ("starts_at", "ends_at")}
    return {
        "code": code.code,
        "kind": coupon.kind,
        "percent_bp": coupon.percent_bp,
        "amount_minor": coupon.amount_minor,
        "currency": coupon.currency,
        "maximum_minor": coupon.maximum_minor,
        "minimum_minor": coupon.minimum_minor,
        "combines": coupon.combines,
        "audience": coupon.audience,
        "contact": coupon.contact_id,
        "contact_list": coupon.contact_list_id,
        "max_uses_per_contact": coupon.max_uses_per_contact,
        **{name: instant.isoformat() if instant else None for name, instant in window.items()},
    }


def count_use(coupon: Coupon) -> bool:
    """Raise the counter of a limited coupon by one if a use is left and it is as it was looked at.

    One conditional UPDATE, which also decides every race.
    """
    unchanged = Coupon.objects.filter(_AS_SEEN, pk=coupon.pk, updated_at=coupon.updated_at)
    return bool(unchanged.filter(uses__lt=F("max_uses")).update(uses=F("uses") + 1, is_used=True))


def _take(coupon: Coupon) -> None:
    if coupon.max_uses is None:
        _share(coupon)
    elif not count_use(coupon):
        now = Coupon.objects.filter(_AS_SEEN, pk=coupon.pk, updated_at=coupon.updated_at)
        raise UsedUp if now.exists() else NotUsable


def _share(coupon: Coupon) -> None:
    """Keep edits of a coupon without a total limit away until the end of the transaction; other buyers may come."""
    if not coupon.is_used:
        Coupon.objects.filter(pk=coupon.pk, is_used=False).update(is_used=True)
    if not _shared(_UNLIMITED_AS_SEEN, coupon=coupon.pk, updated_at=coupon.updated_at):
        raise NotUsable


def _shared(statement: Statement, **values: Any) -> bool:
    """Whether the coupon is like that, locked against edits and not against counting."""
    return statement.first(**values) is not None


def _give_back(coupon_id: int) -> None:
    """Lower the counter of a coupon with a limit; one without is held still, so that nobody counts it meanwhile."""
    if _lower(coupon_id) or _shared(_UNLIMITED, coupon=coupon_id):
        return
    # It was given a limit at this very moment, and its counter was filled before this use was given back.
    _lower(coupon_id)


def _lower(coupon_id: int) -> bool:
    limited = Coupon.objects.filter(pk=coupon_id, max_uses__isnull=False)
    return bool(limited.update(uses=F("uses") - 1))


def _check_contact(coupon: Coupon, contact_id: int) -> None:
    """Count the contact's uses by the ledger; the contact is locked (domain.md, "Who waits for whom")."""
    if coupon.max_uses_per_contact is None:
        return
    if len(_USES_OF_CONTACT.all(coupon=coupon.pk, contact=contact_id)) >= coupon.max_uses_per_contact:
        raise UsedByYou


def _tell(kind: str, redemption: Redemption, **facts: str | int | None) -> None:
    given = {"amount_minor": redemption.amount_minor, "currency": redemption.currency}
    data = {"redemption": redemption.pk, "contact": redemption.contact_id, **given, **facts}
    record_event(kind, subject=redemption.coupon, data=data)
