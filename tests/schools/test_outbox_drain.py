"""Rows are done exactly once when they can be, at least once when they must talk to the world, and never lost."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import structlog
from django.db import connections, transaction

from kwiga import clock
from schools.models import Event, OutboxRow, School
from schools.outbox import claims
from schools.outbox.drain import drain, work
from schools.outbox.effects import EffectError, Outage
from schools.tenancy.scope import ScopeError, current_school_id, in_scope, school_scope
from tests.support.outbox import Applying, Calling, Keyed, keys_inserted, only_row, put, registered, rows

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])


def write(row: OutboxRow) -> None:
    Event.objects.create(school_id=row.school_id, kind="test.written", subject_id=row.payload["key"])


def written(school: School) -> int:
    with school_scope(school):
        return Event.objects.filter(kind="test.written").count()


def test_rows_of_all_schools_are_done_in_their_own_scope(school: School, other_school: School) -> None:
    seen = []
    with registered(
        "note", Applying(lambda row: seen.append((row.school_id, current_school_id(), row.payload["key"])))
    ):
        put(school, "note", 1, 2)
        put(other_school, "note", 3)
        assert drain() == 3
        assert drain() == 0
    assert sorted(seen) == sorted([(school.pk, school.pk, 1), (school.pk, school.pk, 2), (*[other_school.pk] * 2, 3)])
    for row in rows(school) + rows(other_school):
        assert row.done_at and not row.locked_until
        assert (row.attempts, row.last_error) == (1, "")


def test_transactional_work_and_its_mark_are_one(school: School) -> None:
    def write_and_fail(row: OutboxRow) -> None:
        write(row)
        raise RuntimeError("a name that must not be kept")

    with registered("note", Applying(write_and_fail)):
        put(school, "note", 1)
        drain()
    assert written(school) == 0
    row = only_row(school)
    assert (row.done_at, row.attempts, row.last_error) == (None, 1, "RuntimeError")


def test_external_work_has_no_scope_open_and_is_recorded(school: School) -> None:
    seen: list[Any] = []

    def call(value: str) -> str:
        seen.append((value, in_scope(), transaction.get_connection().in_atomic_block))
        return value.upper()

    with registered("call", Calling(call)):
        put(school, "call", 1, value="hello")
        put(school, "call", 2, value=None)
        drain()
    assert seen == [("hello", False, False)]
    spoken, needless = rows(school)
    assert spoken.done_at and spoken.payload["outcome"] == "HELLO"
    assert needless.done_at and "outcome" not in needless.payload


def test_draining_inside_a_scope_is_refused(school: School) -> None:
    with school_scope(school), pytest.raises(ScopeError):
        drain()


def test_backoff_then_death_then_nothing(school: School) -> None:
    def fail(row: OutboxRow) -> None:
        raise EffectError("the other end said 500")

    waits = [timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10)]
    with registered("note", Applying(fail)), structlog.testing.capture_logs() as lines:
        put(school, "note", 1)
        at = clock.now()
        with clock.at(at):
            assert drain() == 1
        for wait in waits:
            with clock.at(at + wait - timedelta(milliseconds=1)):
                assert drain() == 0
            at += wait
            with clock.at(at):
                assert drain() == 1
        with clock.at(at + timedelta(days=1)):
            assert drain() == 0
    row = only_row(school)
    assert (row.dead_at, row.done_at, row.locked_until) == (at, None, None)
    assert row.last_error == "the other end said 500"
    told = [(line["log_level"], line["event"], line["attempts"]) for line in lines if "attempts" in line]
    assert told == [("warning", "outbox row failed", n) for n in (1, 2, 3, 4)] + [("error", "outbox row given up", 5)]


def test_an_unknown_kind_is_an_error_of_its_row(school: School) -> None:
    put(school, "nobody-knows-it", 1)
    with registered("keyed", Keyed()):
        put(school, "keyed", 7)
        drain()
    unknown, known = rows(school)
    assert (unknown.done_at, unknown.attempts, unknown.last_error) == (None, 1, "UnknownKind")
    assert known.done_at


def test_a_row_is_nobodys_until_its_lease_ends(school: School) -> None:
    with registered("keyed", Keyed()):
        put(school, "keyed", 1)
        (claim,) = claims.claim_due()
        assert drain() == 0
        with clock.at(claim.locked_until - timedelta(milliseconds=1)):
            assert drain() == 0
        with clock.at(claim.locked_until):
            assert drain() == 1
    assert keys_inserted(school) == [1]


def test_whoever_lost_the_row_leaves_it_alone(school: School) -> None:
    """The first process sleeps past its lease, the second does the row, the first wakes up."""
    with registered("keyed", Keyed()):
        put(school, "keyed", 1)
        (first,) = claims.claim_due()
        with clock.at(first.locked_until + timedelta(seconds=1)):
            (second,) = claims.claim_due()
            work(first)
            assert keys_inserted(school) == []
            work(second)
            work(first)
    assert keys_inserted(school) == [1]
    assert only_row(school).attempts == 1


def test_a_lease_that_ends_during_a_call_loses_neither_mark_nor_effect(school: School) -> None:
    calls = []

    def call(value: str) -> str:
        calls.append(value)
        if len(calls) == 1:  # so slow that another process takes the row and does it
            with clock.at(clock.now() + timedelta(minutes=1)):
                drain()
        return f"answer {len(calls)}"

    with registered("call", Calling(call)):
        put(school, "call", 1, value="hello")
        drain()
    row = only_row(school)
    assert calls == ["hello", "hello"]
    assert (row.payload["outcome"], row.attempts) == ("answer 2", 2)


def test_a_late_answer_does_not_close_a_row_that_another_is_at(school: School) -> None:
    """Done is for whoever holds the row: were the other to fail, it would have to come back."""
    others = []

    def call(value: str) -> str:
        with clock.at(clock.now() + timedelta(minutes=1)):
            others.append(claims.begin(claims.claim_due()[0]))
        return "late"

    with registered("call", Calling(call)):
        put(school, "call", 1, value="hello")
        drain()
    row = only_row(school)
    assert (row.done_at, row.attempts, row.locked_until) == (None, 2, others[0].locked_until)
    assert "outcome" not in row.payload


def test_a_late_failure_does_not_touch_a_row_that_another_has_done(school: School) -> None:
    calls = []

    def call(value: str) -> str:
        calls.append(value)
        if len(calls) == 1:
            with clock.at(clock.now() + timedelta(minutes=1)):
                drain()
            raise RuntimeError
        return "done"

    with registered("call", Calling(call)):
        put(school, "call", 1, value="hello")
        drain()
    row = only_row(school)
    assert row.done_at and not row.dead_at
    assert (row.last_error, row.payload["outcome"]) == ("", "done")


def die_with(key: int, at: datetime) -> list[int]:
    """A process claims a batch, begins one of its rows and is killed. The keys of the batch."""
    with clock.at(at):
        batch = claims.claim_due()
        rows = {claim.id: OutboxRow.objects.get(pk=claim.id).payload["key"] for claim in batch}
        for claim in batch:
            if rows[claim.id] == key:
                assert claims.begin(claim)
    return list(rows.values())


def test_poison_dies_though_it_never_says_why(school: School) -> None:
    put(school, "keyed", 1)
    at = clock.now()
    for _attempt in range(5):
        with school_scope(school):
            assert die_with(1, at) == [1]
        at += timedelta(minutes=11)
    with registered("keyed", Keyed()), clock.at(at):
        drain()
    row = only_row(school)
    assert (row.last_error, row.attempts) == ("WorkerLost", 5)
    assert row.dead_at
    assert keys_inserted(school) == []


def test_rows_that_waited_beside_poison_come_first_and_are_not_blamed(school: School) -> None:
    put(school, "keyed", 1, 2, 3)
    at = clock.now()
    with school_scope(school):
        assert die_with(1, at) == [1, 2, 3]
        assert die_with(1, at + timedelta(minutes=11)) == [2, 3, 1]
    with registered("keyed", Keyed()), clock.at(at + timedelta(minutes=22)):
        drain()
    assert keys_inserted(school) == [1, 2, 3]
    assert [row.attempts for row in rows(school)] == [3, 1, 1]


def test_an_outage_uses_up_no_attempt_and_keeps_the_order(school: School, other_school: School) -> None:
    """Of a kind whose other end is down one row finds out, and all of them wait; other kinds go on."""
    calls, down = [], True

    def call(value: int) -> int:
        calls.append(value)
        if down:
            raise Outage("ConnectionRefusedError")
        return value

    with registered("call", Calling(call)), registered("keyed", Keyed()):
        for n in range(1, 13):
            put(school, "call", n, value=n)
        put(other_school, "call", 13, value=13)
        put(school, "keyed", 1)
        at = clock.now()
        for _minute in range(10):
            with clock.at(at):
                drain()
            at += timedelta(minutes=1)
        assert len(calls) == 10
        assert keys_inserted(school) == [1]
        waiting = rows(school, kind="call")
        assert {(row.attempts, row.last_error) for row in waiting} == {(0, "Outage: ConnectionRefusedError")}
        down, calls = False, []
        with clock.at(at):
            drain()
    assert [n for n in calls if n <= 12] == list(range(1, 13))
    assert sorted(calls) == list(range(1, 14))


def break_connection() -> None:
    connections["default"].ensure_connection()
    connections["default"].connection.close()
    clock.now()


def test_a_connection_broken_in_a_scope_fails_one_row_and_not_the_rest(school: School) -> None:
    def cut(row: OutboxRow) -> None:
        if row.payload["key"] == 1 and row.attempts == 1:
            break_connection()
            OutboxRow.objects.count()
        write(row)

    with registered("note", Applying(cut)):
        put(school, "note", 1, 2, 3)
        drain()
        with clock.at(clock.now() + timedelta(minutes=1)):
            drain()
    assert written(school) == 3
    assert [row.attempts for row in rows(school)] == [2, 1, 1]


def test_a_connection_broken_during_a_call_fails_one_row_and_not_the_rest(school: School) -> None:
    def cut(value: int) -> int:
        if value == 1:
            break_connection()
        return value

    with registered("call", Calling(cut)):
        for n in (1, 2, 3):
            put(school, "call", n, value=n)
        drain()
    assert [(row.attempts, bool(row.done_at)) for row in rows(school)] == [(1, False), (1, True), (1, True)]
