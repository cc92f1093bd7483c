"""The table of statuses and actions (C30), and the status as the clock has it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coupons.models import Coupon
from coupons.status import ALLOWED, Action, Status, may, status_filter, status_of
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.coupons import CouponFactory

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, INSTANT = timedelta(hours=1), timedelta(microseconds=1)

STATES: list[tuple[dict[str, Any], Status]] = [
    ({}, Status.ACTIVE),
    ({"starts_at": NOON, "ends_at": NOON + HOUR}, Status.ACTIVE),
    ({"ended_at": NOON + INSTANT}, Status.ACTIVE),
    ({"starts_at": NOON + INSTANT}, Status.SCHEDULED),
    ({"ends_at": NOON}, Status.ENDED),
    ({"ended_at": NOON}, Status.ENDED),
    ({"starts_at": NOON + HOUR, "ended_at": NOON}, Status.ENDED),
    ({"paused_at": NOON}, Status.PAUSED),
    ({"paused_at": NOON, "starts_at": NOON + HOUR}, Status.PAUSED),
    ({"paused_at": NOON - HOUR, "ends_at": NOON}, Status.ENDED),
    ({"is_draft": True}, Status.DRAFT),
    ({"is_draft": True, "ends_at": NOON}, Status.DRAFT),
    ({"archived_at": NOON}, Status.ARCHIVED),
    ({"archived_at": NOON, "is_draft": True}, Status.ARCHIVED),
    ({"archived_at": NOON, "ends_at": NOON}, Status.ARCHIVED),
]


@pytest.mark.parametrize(("fields", "status"), STATES)
def test_the_status_follows_from_the_clock(fields: dict[str, Any], status: Status) -> None:
    assert status_of(Coupon(**fields), NOON) == status


def test_the_database_finds_the_same_status(school: School) -> None:
    wanted: dict[Status, set[int]] = {status: set() for status in Status}
    for fields, status in STATES:
        coupon = CouponFactory(school=school)
        with school_scope(school):
            Coupon.objects.filter(pk=coupon.pk).update(**fields)
        wanted[status].add(coupon.pk)
    with school_scope(school):
        found = {
            status: set(Coupon.objects.filter(status_filter(status, NOON)).values_list("pk", flat=True))
            for status in Status
        }
        assert found == wanted and all(wanted.values())
        assert set(Coupon.objects.live(NOON).values_list("pk", flat=True)) <= wanted[Status.ACTIVE]


# What C30 has in its table; changing and deleting are ruled by P5.
C30 = {
    Status.DRAFT: {Action.PUBLISH, Action.ARCHIVE},
    Status.SCHEDULED: {Action.END, Action.EXTEND, Action.ARCHIVE},
    Status.ACTIVE: {Action.PAUSE, Action.END, Action.EXTEND, Action.ARCHIVE},
    Status.PAUSED: {Action.RESUME, Action.END, Action.EXTEND, Action.ARCHIVE},
    Status.ENDED: {Action.EXTEND, Action.ARCHIVE},
    Status.ARCHIVED: set(),
}


@pytest.mark.parametrize("status", Status)
def test_each_cell_of_the_table(status: Status) -> None:
    fields = next(fields for fields, its in STATES if its == status)
    edits = set() if status == Status.ARCHIVED else {Action.CHANGE, Action.DELETE}
    allowed = {action for action in Action if may(Coupon(**fields), action, NOON)}
    assert allowed == C30[status] | edits == ALLOWED[status]


def test_what_was_ended_by_hand_is_not_extended() -> None:
    assert not may(Coupon(ended_at=NOON), Action.EXTEND, NOON)
    assert may(Coupon(ends_at=NOON), Action.EXTEND, NOON)
    assert may(Coupon(ended_at=NOON), Action.ARCHIVE, NOON)
