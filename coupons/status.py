"""What a coupon is at an instant, and what may be done with it then: the one table (C30). Pure.

Scheduled and ended follow from the clock and are computed; no job writes them.
"""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    ENDED = "ended", _("Ended")
    ARCHIVED = "archived", _("Archived")


class Action(StrEnum):
    """PUBLISH makes a draft live; DELETE deletes an unused coupon and archives a used one."""

    PUBLISH = "publish"
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"
    EXTEND = "extend"
    ARCHIVE = "archive"
    CHANGE = "change"
    DELETE = "delete"


_A = Action
_EDITS = frozenset({_A.CHANGE, _A.DELETE})

ALLOWED: dict[Status, frozenset[Action]] = {
    Status.DRAFT: _EDITS | {_A.PUBLISH, _A.ARCHIVE},
    Status.SCHEDULED: _EDITS | {_A.END, _A.EXTEND, _A.ARCHIVE},
    Status.ACTIVE: _EDITS | {_A.PAUSE, _A.END, _A.EXTEND, _A.ARCHIVE},
    Status.PAUSED: _EDITS | {_A.RESUME, _A.END, _A.EXTEND, _A.ARCHIVE},
    # What was ended by hand stays ended; what ran out by the clock may be given a later end (P5).
    Status.ENDED: _EDITS | {_A.EXTEND, _A.ARCHIVE},
    Status.ARCHIVED: frozenset(),
}


class Dated(Protocol):
    """What a status follows from: a Coupon, or the `Rule` of one."""

    @property
    def is_draft(self) -> bool: ...
    @property
    def archived_at(self) -> datetime | None: ...
    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def paused_at(self) -> datetime | None: ...
    @property
    def starts_at(self) -> datetime | None: ...
    @property
    def ends_at(self) -> datetime | None: ...


def ended_since(coupon: Dated, at: datetime) -> datetime | None:
    """From which instant it is over, by hand or by the clock; None when it is not over at `at` (half-open)."""
    over = [end for end in (coupon.ended_at, coupon.ends_at) if end is not None and end <= at]
    return min(over, default=None)


def status_of(coupon: Dated, at: datetime) -> Status:
    """The status at that instant. A paused coupon whose end has come is ended (C30.4), a draft stays one."""
    if coupon.archived_at is not None:
        return Status.ARCHIVED
    if coupon.is_draft:
        return Status.DRAFT
    if ended_since(coupon, at) is not None:
        return Status.ENDED
    if coupon.paused_at is not None:
        return Status.PAUSED
    return Status.SCHEDULED if coupon.starts_at and at < coupon.starts_at else Status.ACTIVE


def actions_of(coupon: Dated, at: datetime) -> frozenset[Action]:
    """What the table allows now; End is for good, so what it ended is not extended."""
    allowed = ALLOWED[status_of(coupon, at)]
    is_ended = coupon.ended_at is not None and coupon.ended_at <= at
    return allowed - {Action.EXTEND} if is_ended else allowed


def may(coupon: Dated, action: Action, at: datetime) -> bool:
    """Whether that action is among those."""
    return action in actions_of(coupon, at)


def status_filter(status: Status, at: datetime) -> Q:
    """Coupons whose `status_of` is that at that instant, as a condition for the database."""
    if status == Status.ARCHIVED:
        return Q(archived_at__isnull=False)
    if status == Status.DRAFT:
        return Q(archived_at=None, is_draft=True)
    here, over = Q(archived_at=None, is_draft=False), Q(ended_at__lte=at) | Q(ends_at__lte=at)
    if status == Status.ENDED:
        return here & over
    here &= (Q(ended_at=None) | Q(ended_at__gt=at)) & (Q(ends_at=None) | Q(ends_at__gt=at))
    if status == Status.PAUSED:
        return here & Q(paused_at__isnull=False)
    here &= Q(paused_at=None)
    started = Q(starts_at=None) | Q(starts_at__lte=at)
    return here & (started if status == Status.ACTIVE else Q(starts_at__gt=at))
