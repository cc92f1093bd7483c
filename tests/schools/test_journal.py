"""Every verb leaves an event, in the transaction of the change."""

from contextlib import suppress

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from schools.journal import record_event, record_events, recorded_together
from schools.models import Event, OutboxRow, School, User
from schools.tenancy.scope import ScopeError, school_scope


def test_an_event_says_what_to_whom_and_by_whom(scope: School, owner: User) -> None:
    event = record_event("offer.published", subject=scope, actor=owner, data={"fields": ["price"]})
    kept = Event.objects.get(pk=event.pk)
    assert (kept.kind, kept.subject_kind, kept.subject_id) == ("offer.published", "school", scope.pk)
    assert (kept.actor, kept.data, kept.school_id) == (owner, {"fields": ["price"]}, scope.pk)


def test_an_event_of_nobody_about_nothing(scope: School) -> None:
    kept = Event.objects.get(pk=record_event("day.ended").pk)
    assert (kept.subject_kind, kept.subject_id, kept.actor, kept.data) == ("", None, None, {})


def test_an_event_brings_one_outbox_row(scope: School) -> None:
    """`orders.notices` listens to paid orders; nobody to published offers, so that row is done as it is written."""
    for kind, is_done in (("order.paid", False), ("offer.published", True)):
        event = record_event(kind, subject=scope)
        row = OutboxRow.objects.get(dedupe_key=f"event:{event.pk}")
        assert (row.kind, row.payload, bool(row.done_at)) == ("event", {"event": event.pk}, is_done)


def test_a_change_rolled_back_leaves_neither_event_nor_row(scope: School) -> None:
    before = (Event.objects.count(), OutboxRow.objects.count())
    with transaction.atomic():
        record_event("offer.published", subject=scope)
        transaction.set_rollback(True)
    assert (Event.objects.count(), OutboxRow.objects.count()) == before


def test_events_of_a_block_are_written_together_in_their_order(scope: School) -> None:
    with CaptureQueriesContext(connection) as queries:
        with recorded_together():
            record_event("order.paid", subject=scope)
            record_events("offer.published", subjects=[scope, scope])
            with recorded_together():
                record_event("day.ended")
            assert len(queries) == 0
        assert len(queries) == 2
    kinds = ["order.paid", "offer.published", "offer.published", "day.ended"]
    events = Event.objects.order_by("pk")
    assert [event.kind for event in events] == kinds
    assert OutboxRow.objects.filter(dedupe_key__in=[f"event:{event.pk}" for event in events]).count() == 4


def test_events_of_a_block_that_fails_are_not_written(scope: School) -> None:
    with recorded_together():
        record_event("day.ended")
        with suppress(ZeroDivisionError), transaction.atomic(), recorded_together():
            record_event("order.paid", subject=scope)
            raise ZeroDivisionError
    assert [event.kind for event in Event.objects.all()] == ["day.ended"]


def test_no_event_without_a_scope(school: School) -> None:
    with pytest.raises(ScopeError):
        record_event("offer.published", subject=school)


def test_one_schools_journal_is_closed_to_another(school: School, other_school: School) -> None:
    with school_scope(school):
        event = record_event("offer.published", subject=school)
    with school_scope(other_school):
        assert not Event.objects.filter(pk=event.pk).exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM schools_event WHERE id = %s", [event.pk])
            assert cursor.fetchone() == (0,)


def test_an_event_cannot_be_written_into_another_school(school: School, other_school: School) -> None:
    with pytest.raises(DatabaseError), school_scope(school):
        Event.objects.create(school=other_school, kind="offer.published")
