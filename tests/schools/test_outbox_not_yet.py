"""A row that is too early is put off, as often as it takes, and uses up no attempt."""

from datetime import timedelta

import pytest

from kwiga import clock
from schools.models import OutboxRow, School
from schools.outbox.drain import drain
from schools.outbox.effects import NotYet
from tests.support.outbox import Applying, Calling, only_row, put, registered

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])


def test_a_row_that_is_too_early_comes_back_when_it_says(school: School) -> None:
    calls: list[str] = []

    def wait(value: str) -> str:
        calls.append(value)
        if len(calls) < 9:
            raise NotYet(clock.now() + timedelta(minutes=1))
        return "done"

    with registered("call", Calling(wait)):
        put(school, "call", 1, value="hello")
        at = clock.now()
        for minute in range(9):
            with clock.at(at + timedelta(minutes=minute)):
                drain()
                drain()
    row = only_row(school)
    assert (len(calls), row.attempts, row.payload["outcome"]) == (9, 1, "done")


def test_what_a_row_did_before_it_was_put_off_is_undone(school: School) -> None:
    def write_and_wait(row: OutboxRow) -> None:
        OutboxRow.objects.filter(pk=row.pk).update(payload={})
        raise NotYet(clock.now() + timedelta(hours=1))

    with registered("note", Applying(write_and_wait)):
        put(school, "note", 1)
        drain()
    row = only_row(school)
    assert (row.payload, row.attempts, row.locked_until, row.done_at) == ({"key": 1}, 0, None, None)
    assert timedelta(minutes=59) < row.available_at - clock.now() <= timedelta(hours=1)
