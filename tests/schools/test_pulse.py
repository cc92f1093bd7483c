"""The worker's pulse: how long the oldest due row waits, told through the cache."""

from datetime import timedelta

import pytest

from kwiga import clock
from kwiga.tokens import secret_token
from schools.models import OutboxRow, School
from schools.outbox import pulse
from schools.outbox.pulse import last_pulse, report_pulse
from schools.outbox.queue import enqueue
from schools.tasks import drain_outbox
from schools.tenancy.scope import school_scope

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])


@pytest.fixture(autouse=True)
def own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests of other processes share the Valkey."""
    monkeypatch.setattr(pulse, "_KEY", f"pulse:{secret_token()}")


def row(school: School, key: str, **fields: object) -> None:
    with school_scope(school):
        enqueue("unknown", dedupe_key=key, payload={})
        OutboxRow.objects.filter(dedupe_key=key).update(**fields)


def test_nothing_is_known_before_the_first_pulse() -> None:
    assert last_pulse() is None


def test_it_tells_the_longest_wait_of_all_schools(school: School, other_school: School) -> None:
    at = clock.now()
    row(school, "a", available_at=at - timedelta(seconds=20))
    row(other_school, "b", available_at=at - timedelta(seconds=90))
    row(other_school, "c", available_at=at - timedelta(seconds=40))
    report_pulse()
    told = last_pulse()
    assert told is not None
    assert 90 <= told.oldest_wait_seconds < 100
    assert at <= told.at <= clock.now()


def test_what_is_done_dead_or_not_due_does_not_wait(school: School) -> None:
    at = clock.now()
    long_ago = at - timedelta(hours=1)
    row(school, "done", available_at=long_ago, done_at=at)
    row(school, "dead", available_at=long_ago, dead_at=at)
    row(school, "later", available_at=at + timedelta(hours=1))
    report_pulse()
    told = last_pulse()
    assert told is not None
    assert told.oldest_wait_seconds == 0


def test_a_row_that_a_worker_holds_still_waits(school: School) -> None:
    at = clock.now()
    row(school, "held", available_at=at - timedelta(seconds=50), locked_until=at + timedelta(seconds=30))
    report_pulse()
    told = last_pulse()
    assert told is not None
    assert told.oldest_wait_seconds >= 50


def test_the_task_of_the_tick_reports(school: School) -> None:
    drain_outbox()
    assert last_pulse() is not None
