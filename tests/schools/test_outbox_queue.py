"""Writing a row and telling the worker."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from celery import current_app
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from kwiga import clock
from schools.models import School
from schools.outbox import poke
from schools.outbox.queue import enqueue, gathered
from schools.tenancy.scope import ScopeError, school_scope
from tests.support.broker import Broker, running_broker
from tests.support.outbox import rows

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with running_broker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture
def celery_at() -> Iterator[None]:
    """Whatever a test does to the broker's address and to the memory of it is undone."""
    address = current_app.conf.broker_url
    poke._quiet_until = 0.0
    yield
    current_app.conf.broker_url = address
    poke._quiet_until = 0.0


@pytest.fixture
def empty_broker(broker: Broker, celery_at: None) -> Broker:
    current_app.conf.broker_url = broker.url
    with current_app.connection_for_write() as connection:
        connection.default_channel.client.flushdb()
    return broker


def waiting_messages() -> int:
    with current_app.connection_for_write() as connection:
        count: int = connection.default_channel.client.llen(poke.QUEUE)
        return count


def write(school: School, *keys: str) -> None:
    with school_scope(school):
        for key in keys:
            enqueue("kind", dedupe_key=key, payload={"key": key})


def test_rows_of_a_block_are_written_in_one_statement(school: School) -> None:
    with school_scope(school):
        enqueue("kind", dedupe_key="a", payload={})
        with CaptureQueriesContext(connection) as queries, gathered():
            enqueue("kind", dedupe_key="a", payload={})
            enqueue("kind", dedupe_key="b", payload={})
    assert len(queries) == 1
    assert {row.dedupe_key for row in rows(school)} == {"a", "b"}


def test_rows_of_a_block_within_a_block_are_written_at_the_end_of_all(school: School) -> None:
    with school_scope(school), CaptureQueriesContext(connection) as queries:
        with gathered():
            enqueue("kind", dedupe_key="a", payload={})
            with gathered():
                enqueue("kind", dedupe_key="b", payload={})
            with suppress(ZeroDivisionError):
                _fail_in_a_block("c")
            assert len(queries) == 0
        assert len(queries) == 1
    assert {row.dedupe_key for row in rows(school)} == {"a", "b"}


def _fail_in_a_block(key: str) -> None:
    with gathered():
        enqueue("kind", dedupe_key=key, payload={})
        raise ZeroDivisionError


def test_rows_of_a_block_that_fails_are_not_written(school: School) -> None:
    with school_scope(school):
        with pytest.raises(ZeroDivisionError):
            _fail_in_a_block("a")
        enqueue("kind", dedupe_key="b", payload={})
    assert [row.dedupe_key for row in rows(school)] == ["b"]


def test_same_key_is_written_once(school: School, other_school: School, empty_broker: Broker) -> None:
    write(school, "a", "a", "b")
    write(school, "a")
    write(other_school, "a")
    assert [row.dedupe_key for row in rows(school)] == ["a", "b"]
    assert [row.dedupe_key for row in rows(other_school)] == ["a"]


def test_no_row_without_a_scope(school: School) -> None:
    with pytest.raises(ScopeError):
        enqueue("kind", dedupe_key="a", payload={})


def test_the_worker_is_told_once_for_a_transaction_and_only_after_it(school: School, empty_broker: Broker) -> None:
    with school_scope(school):
        for key in "abc":
            enqueue("kind", dedupe_key=key, payload={})
        assert waiting_messages() == 0
        hooks = [(hook, robust) for _, hook, robust in transaction.get_connection().run_on_commit]
        assert hooks == [(poke.poke, True)]
    assert waiting_messages() == 1


def test_a_rolled_back_change_tells_nobody(school: School, empty_broker: Broker) -> None:
    with school_scope(school):
        enqueue("kind", dedupe_key="a", payload={})
        transaction.set_rollback(True)
    assert waiting_messages() == 0
    assert rows(school) == []


def test_a_savepoint_rolled_back_does_not_swallow_the_poke(school: School, empty_broker: Broker) -> None:
    with school_scope(school):
        with transaction.atomic():
            enqueue("kind", dedupe_key="a", payload={})
            transaction.set_rollback(True)
        enqueue("kind", dedupe_key="b", payload={})
    assert waiting_messages() == 1


def test_messages_do_not_pile_up_while_nobody_works(school: School, empty_broker: Broker) -> None:
    for key in "abcdef":
        write(school, key)
    assert waiting_messages() == 1


def test_a_row_for_later_tells_nobody_now(school: School, empty_broker: Broker) -> None:
    with school_scope(school):
        enqueue("kind", dedupe_key="a", payload={}, available_at=clock.now())
    assert waiting_messages() == 0


def test_a_broker_that_is_down_fails_no_request(school: School, celery_at: None) -> None:
    current_app.conf.broker_url = "redis://127.0.0.1:1/0"
    write(school, "a")
    assert len(rows(school)) == 1
    assert _seconds_of(poke.poke) < 0.1  # quiet after the first failure


def test_a_broker_that_hangs_costs_half_a_second_once(school: School, celery_at: None) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=50) as silent:
        current_app.conf.broker_url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        assert 0.4 < _seconds_of(poke.poke) < 1.5
        assert _seconds_of(poke.poke) < 0.1
        write(school, "a")
    assert len(rows(school)) == 1


def test_the_worker_is_told_again_when_the_broker_is_back(school: School, empty_broker: Broker) -> None:
    write(school, "a")
    empty_broker.kill()
    write(school, "b")
    empty_broker.start()
    with current_app.connection_for_write() as connection:
        connection.default_channel.client.flushdb()
    write(school, "c")
    assert waiting_messages() == 0  # still quiet
    poke._quiet_until = 0.0
    write(school, "d")
    assert waiting_messages() == 1
    assert len(rows(school)) == 4


def _seconds_of(act: Callable[[], None]) -> float:
    begun = time.monotonic()
    act()
    return time.monotonic() - begun
