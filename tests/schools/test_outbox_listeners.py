"""Events reach whoever listens, once, in the scope of their school."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from kwiga import clock
from schools.journal import record_event
from schools.models import Event, School
from schools.outbox import listeners
from schools.outbox.drain import drain
from schools.outbox.listeners import listen
from schools.outbox.queue import enqueue
from schools.tenancy.scope import current_school_id, school_scope
from tests.support.outbox import Keyed, keys_inserted, only_row, registered, rows

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])


@pytest.fixture(autouse=True)
def forget_listeners() -> Iterator[None]:
    before = {kind: list(handlers) for kind, handlers in listeners._handlers.items()}
    yield
    listeners._handlers.clear()
    listeners._handlers.update(before)


def happen(school: School, kind: str) -> Event:
    with school_scope(school):
        return record_event(kind, subject=school, data={"number": 1})


def test_each_listener_of_the_kind_is_called_once_in_its_school(school: School, other_school: School) -> None:
    heard = []
    listen("test.done", lambda event: heard.append(("first", current_school_id(), event.pk)))
    listen("test.done", lambda event: heard.append(("second", current_school_id(), event.data["number"])))
    listen("test.other", lambda event: heard.append(("other", 0, 0)))
    event = happen(school, "test.done")
    drain()
    drain()
    assert heard == [("first", school.pk, event.pk), ("second", school.pk, 1)]
    assert only_row(school).done_at


def test_a_handler_registered_twice_is_called_once(school: School) -> None:
    heard: list[Event] = []
    listen("test.done", heard.append)
    listen("test.done", heard.append)
    happen(school, "test.done")
    drain()
    assert len(heard) == 1


def test_an_event_nobody_listens_to_is_done(school: School) -> None:
    happen(school, "test.lonely")
    drain()
    assert only_row(school).done_at


def test_what_a_listener_enqueues_is_worked_in_the_same_run(school: School) -> None:
    listen("test.done", lambda event: enqueue("keyed", dedupe_key=f"event:{event.pk}", payload={"key": event.pk}))
    with registered("keyed", Keyed()):
        event = happen(school, "test.done")
        drain()
    assert keys_inserted(school) == [event.pk]


def test_when_one_listener_fails_none_has_acted_and_all_are_called_again(school: School) -> None:
    calls = []

    def write(event: Event) -> None:
        calls.append("write")
        Event.objects.create(school_id=event.school_id, kind="test.keyed", subject_id=event.pk)

    def fail_first(event: Event) -> None:
        calls.append("fail")
        if calls.count("fail") == 1:
            raise RuntimeError

    listen("test.done", write)
    listen("test.done", fail_first)
    event = happen(school, "test.done")
    drain()
    assert keys_inserted(school) == []
    with clock.at(clock.now() + timedelta(seconds=10)):
        drain()
    assert keys_inserted(school) == [event.pk]
    assert calls == ["write", "fail", "write", "fail"]
    assert [row.attempts for row in rows(school, kind="event")] == [2]
