"""The moves of a coupon by the table of allowed actions (C30), each with its line in the journal."""

from datetime import datetime
from typing import Any

from django.core import serializers
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from coupons.models import Coupon
from coupons.search import SEARCH_KIND, words_about
from coupons.services.due import schedule_end
from coupons.services.errors import ActionRefused, CodeTaken, TermsRefused
from coupons.services.writing import lock_coupon
from coupons.status import Action, may
from kwiga import clock
from schools import search
from schools.journal import record_event
from schools.models import User


@transaction.atomic
def publish_coupon(*, coupon: Coupon, actor: User | None) -> Coupon:
    """Make a draft live. Raises ActionRefused, as all moves do when the table says no."""
    locked = _may(coupon, Action.PUBLISH)
    locked.is_draft = False
    schedule_end(locked)
    return _save(locked, "coupon.published", actor, "is_draft")


@transaction.atomic
def pause_coupon(*, coupon: Coupon, actor: User | None) -> Coupon:
    """Make it unusable until it is resumed; uses that are held stay honored."""
    locked = _may(coupon, Action.PAUSE)
    locked.paused_at = clock.now()
    return _save(locked, "coupon.paused", actor, "paused_at")


@transaction.atomic
def resume_coupon(*, coupon: Coupon, actor: User | None) -> Coupon:
    """Make a paused coupon usable again."""
    locked = _may(coupon, Action.RESUME)
    locked.paused_at = None
    return _save(locked, "coupon.resumed", actor, "paused_at")


@transaction.atomic
def end_coupon(*, coupon: Coupon, actor: User | None) -> Coupon:
    """End it for good; uses that are held stay honored."""
    locked = _may(coupon, Action.END)
    locked.ended_at = clock.now()
    return _save(locked, "coupon.ended", actor, "ended_at")


@transaction.atomic
def extend_coupon(*, coupon: Coupon, ends_at: datetime | None, actor: User | None) -> Coupon:
    """Let it run longer, None for ever; one that ran out by the clock runs again.

    Raises ActionRefused, TermsRefused for an end that is over or not later than the one it has.
    """
    locked = _may(coupon, Action.EXTEND)
    is_later = ends_at is None or (ends_at > clock.now() and (locked.ends_at is None or ends_at > locked.ends_at))
    if not is_later or locked.ends_at is None:
        raise TermsRefused("ends_at", _("Choose an end that is later than the one it has."))
    locked.ends_at = ends_at
    schedule_end(locked)
    return _save(locked, "coupon.extended", actor, "ends_at")


@transaction.atomic
def undo_extension(*, coupon: Coupon, ends_at: datetime, actor: User | None) -> Coupon:
    """Take back an extension: the end is the one it had."""
    locked = _may(coupon, Action.EXTEND)
    if locked.starts_at and ends_at <= locked.starts_at:
        raise TermsRefused("ends_at", _("The end must come after the start."))
    locked.ends_at = ends_at
    schedule_end(locked)
    return _save(locked, "coupon.changed", actor, "ends_at", facts={"fields": ["ends_at"]})


@transaction.atomic
def archive_coupon(*, coupon: Coupon, actor: User | None) -> Coupon:
    """Put it away for good; its code stays taken and old orders still show it."""
    return _archive(_may(coupon, Action.ARCHIVE), actor)


@transaction.atomic
def delete_coupon(*, coupon: Coupon, actor: User | None) -> str:
    """Delete an unused coupon, archive a used one (P5).

    Answers with what `undo_delete` takes, for ten seconds and on the server's side alone; empty when it was archived.
    """
    locked = _may(coupon, Action.DELETE)
    if locked.is_used:
        _archive(locked, actor)
        return ""
    code = locked.codes.get()
    kept: str = serializers.serialize("json", [locked, code, *locked.coupon_offers.all()])
    pk = locked.pk
    locked.delete()
    search.index(SEARCH_KIND, pk)
    record_event("coupon.deleted", actor=actor, data={"coupon": pk, "code": code.code})
    return kept


@transaction.atomic
def undo_delete(*, kept: str, actor: User | None) -> Coupon:
    """Bring a coupon back just as it was deleted. Raises CodeTaken when its code went to another one meanwhile."""
    rows: list[Any] = [each.object for each in serializers.deserialize("json", kept)]
    coupon, code, *offers = rows
    try:
        with transaction.atomic():
            for row in (coupon, code, *offers):
                row.save(force_insert=True)
    except IntegrityError as error:
        raise CodeTaken from error
    search.index_new(SEARCH_KIND, coupon.pk, *words_about(coupon, code.code))
    schedule_end(coupon)
    record_event("coupon.restored", subject=coupon, actor=actor)
    restored: Coupon = coupon
    return restored


def _may(coupon: Coupon, action: Action) -> Coupon:
    locked = lock_coupon(coupon)
    if not may(locked, action, clock.now()):
        raise ActionRefused
    return locked


def _archive(locked: Coupon, actor: User | None) -> Coupon:
    locked.archived_at = clock.now()
    return _save(locked, "coupon.archived", actor, "archived_at")


def _save(
    locked: Coupon, kind: str, actor: User | None, *fields: str, facts: dict[str, object] | None = None
) -> Coupon:
    locked.updated_at = clock.now()
    locked.save(update_fields=[*fields, "updated_at"])
    record_event(kind, subject=locked, actor=actor, data=facts)
    return locked
