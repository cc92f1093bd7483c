"""Tasks carry their school and refuse to run without one; real worker processes, real Valkey."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import structlog
from celery import current_app
from django.db import transaction

from kwiga.celery import app
from kwiga.local import processes
from schools.models import Event, School
from schools.tasks import drain_outbox
from schools.tenancy.scope import ScopeError, school_scope
from tests.concurrency.worker_app import note_number
from tests.support.broker import Broker, running_broker
from tests.support.outbox import keys_inserted, put, rows
from tests.support.workers import Beat, Worker, worker_environment

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with running_broker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture
def messages(broker: Broker) -> Iterator[Broker]:
    address, current_app.conf.broker_url = current_app.conf.broker_url, broker.url
    yield broker
    current_app.conf.broker_url = address


@pytest.fixture(scope="module")
def worker(broker: Broker, database_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    log = tmp_path_factory.mktemp("worker") / "log"
    with Worker(worker_environment(database_name, broker.url), log) as worker:
        yield worker


def noted(school: School) -> list[int | None]:
    with school_scope(school):
        return sorted(Event.objects.filter(kind="test.noted").values_list("subject_id", flat=True))


def test_a_task_runs_in_the_school_it_was_sent_from(
    school: School, other_school: School, messages: Broker, worker: Worker
) -> None:
    with school_scope(school):
        note_number.delay_on_commit(1)
    with school_scope(other_school):
        note_number.delay_on_commit(2)
    assert processes.wait_until(lambda: bool(noted(school) and noted(other_school)), 60), worker.text()
    assert (noted(school), noted(other_school)) == ([1], [2])


def test_a_task_is_sent_after_the_commit_and_not_after_a_rollback(school: School, messages: Broker) -> None:
    with school_scope(school):
        note_number.delay_on_commit(1)
        assert len(transaction.get_connection().run_on_commit) == 1
        transaction.set_rollback(True)
    with current_app.connection_for_write() as connection:
        assert connection.default_channel.client.llen("default") == 0


def test_sending_without_a_school_is_refused(school: School) -> None:
    with pytest.raises(ScopeError):
        note_number.delay(1)
    with pytest.raises(ScopeError):
        note_number.delay_on_commit(1)
    with school_scope(school), pytest.raises(ScopeError):
        note_number.delay(1)  # it could run before the rows are there


def test_running_without_a_school_is_refused(school: School, messages: Broker, worker: Worker) -> None:
    """A message that somebody made by hand."""
    app.send_task(note_number.name, args=[3])
    assert processes.wait_until(lambda: "ScopeError" in worker.text(), 60)
    assert noted(school) == []


def test_a_platform_task_needs_no_school() -> None:
    assert drain_outbox.platform
    assert drain_outbox() is None


def test_ids_tie_a_tasks_lines_to_its_request_and_nothing_personal_is_logged(
    school: School, messages: Broker, worker: Worker
) -> None:
    with structlog.contextvars.bound_contextvars(request_id="req-canary-17"), school_scope(school):
        note_number.delay_on_commit(-1)  # fails, and its error quotes an address
    assert processes.wait_until(lambda: "req-canary-17" in worker.text(), 60), worker.text()
    log = worker.text()
    (failed,) = [line for line in log.splitlines() if "task_failed" in line and "req-canary-17" in line]
    line = json.loads(failed)
    assert (line["task"], line["school"]) == (note_number.name, school.pk)
    assert line["task_id"] and line["exception"].endswith("RuntimeError")
    assert "canary@example.com" not in log


def test_the_settings_that_keep_tasks_alive() -> None:
    conf = app.conf
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost, conf.worker_prefetch_multiplier) == (True, True, 1)
    options = conf.broker_transport_options
    assert options["visibility_timeout"] > conf.task_time_limit > conf.task_soft_time_limit
    assert (options["unacked_restore_interval"], options["unacked_restore_throttle"]) == (5, 1)
    assert (conf.task_ignore_result, conf.result_backend, conf.worker_soft_shutdown_timeout) == (True, None, 30)
    assert conf.accept_content == ["json"]


@pytest.mark.parametrize("beats", [1, 2])
def test_rows_nobody_was_told_of_wait_for_a_tick_and_two_beats_do_no_harm(
    school: School, broker: Broker, worker: Worker, database_name: str, tmp_path: Path, beats: int
) -> None:
    address, current_app.conf.broker_url = current_app.conf.broker_url, "redis://127.0.0.1:1/0"
    put(school, "keyed", *range(20))
    current_app.conf.broker_url = address
    assert not processes.wait_until(lambda: bool(keys_inserted(school)), 1)
    environment = worker_environment(database_name, broker.url)
    with ExitStack() as running:
        for n in range(beats):
            running.enter_context(Beat(environment, tmp_path / f"beat{n}"))
        assert processes.wait_until(lambda: all(row.done_at for row in rows(school)), 60), worker.text()
    assert keys_inserted(school) == list(range(20))


def test_a_worker_ends_on_request_and_leaves_nobody(broker: Broker, database_name: str, tmp_path: Path) -> None:
    with Worker(worker_environment(database_name, broker.url), tmp_path / "log") as worker:
        children = worker.children()
        worker.process.terminate()
        try:
            assert worker.process.wait(15) == 0
        except subprocess.TimeoutExpired:
            pytest.fail(worker.text())
    assert not [pid for pid in children if processes.is_running(pid)]
