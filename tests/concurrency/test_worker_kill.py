"""kill -9 while 200 rows are worked: nothing is lost, what lies in the database is done exactly once (trust F2, F4)."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from celery import current_app

from kwiga.local import processes
from schools.invariants import check_invariants, find_invariants
from schools.mail import queue_mail
from schools.models import OutboxRow, School
from schools.tenancy.scope import school_scope
from tests.support.broker import Broker, running_broker
from tests.support.outbox import keys_inserted, put, rows
from tests.support.smtp import MailServer, mail_server
from tests.support.workers import Beat, Worker, worker_environment

pytestmark = [
    pytest.mark.prove,
    pytest.mark.timeout(180),
    pytest.mark.django_db(transaction=True, databases=["default", "relay", "ops"]),
]

SEEDS = range(int(os.environ.get("PROVE_SEEDS", "1")))
LEASE_SECONDS = 8
RECOVERY_SECONDS = 60
# All but the one that wants an outbox row for each event: the keyed rows of these tests are events without.
INVARIANTS = [rule.name for rule in find_invariants() if rule.name != "event_has_outbox_row"]
EVERYTHING, FIRST_HALF, SECOND_HALF = range(50), range(25), range(25, 50)


@dataclass
class Stage:
    """Everything that runs while rows are worked."""

    schools: tuple[School, School]
    mails: MailServer
    broker: Broker
    worker: Worker
    chance: random.Random

    def rows(self) -> list[OutboxRow]:
        return rows(self.schools[0]) + rows(self.schools[1])

    def done(self) -> int:
        return sum(row.done_at is not None for row in self.rows())


@contextmanager
def running(schools: tuple[School, School], database: str, folder: Path, seed: int, lease: int) -> Iterator[Stage]:
    with ExitStack() as held:
        broker = held.enter_context(running_broker(folder))
        mails = held.enter_context(mail_server(delay=0.05))
        address, current_app.conf.broker_url = current_app.conf.broker_url, broker.url
        held.callback(setattr, current_app.conf, "broker_url", address)
        changes = {"SMTP_URL": mails.url, "OUTBOX_LEASE_SECONDS": str(lease)}
        environment = worker_environment(database, broker.url, **changes)
        worker = held.enter_context(Worker(environment, folder / "worker.log"))
        held.enter_context(Beat(environment, folder / "beat.log"))
        yield Stage(schools, mails, broker, worker, random.Random(seed))


@pytest.fixture(params=SEEDS)
def stage(
    request: pytest.FixtureRequest, school: School, other_school: School, database_name: str, tmp_path: Path
) -> Iterator[Stage]:
    with running((school, other_school), database_name, tmp_path, request.param, LEASE_SECONDS) as stage:
        yield stage


def write_rows(stage: Stage, numbers: range) -> None:
    """A mail and a keyed row in each of the two schools for each number."""
    for school in stage.schools:
        with school_scope(school):
            for n in numbers:
                facts = {"name": f"Person {n}", "link": "https://root.test/"}
                queue_mail(
                    template="greeting", to=f"p{n}@x.test", language="en", context=facts, dedupe_key=f"greeting:{n}"
                )
        put(school, "keyed", *numbers)


def kill_children(stage: Stage) -> None:
    """Three times one of the worker's two processes; the worker replaces it by itself."""
    for _time in range(3):
        os.kill(stage.chance.choice(stage.worker.children()), signal.SIGKILL)
        time.sleep(stage.chance.uniform(0.2, 0.6))


def kill_worker(stage: Stage) -> None:
    stage.worker.kill()
    stage.worker.start()


def kill_broker(stage: Stage) -> None:
    """The rows at work are finished without it; the second half is written while nobody can be told."""
    stage.broker.kill()
    assert processes.wait_until(lambda: stage.done() == 100, 30), stage.worker.text()
    write_rows(stage, SECOND_HALF)
    stage.broker.start()


@pytest.mark.spec("F2")
@pytest.mark.parametrize("strike", [kill_children, kill_worker, kill_broker])
def test_nothing_is_lost_and_keyed_rows_are_done_once(
    stage: Stage, strike: Callable[[Stage], None], capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(stage, FIRST_HALF if strike is kill_broker else EVERYTHING)
    moment = stage.chance.randint(10, 80)
    assert processes.wait_until(lambda: stage.done() >= moment, 30), stage.worker.text()
    strike(stage)
    struck_at = stage.done()
    begun = time.monotonic()
    drained = processes.wait_until(lambda: stage.done() == 200, RECOVERY_SECONDS)
    seconds = time.monotonic() - begun
    sent = Counter(stage.mails.message_ids())
    with capsys.disabled():
        print(
            f"\n{strike.__name__}: {struck_at} of 200 rows done at recovery, all {seconds:.1f} s later; mails "
            f"{len(sent)} of 100, {sent.total() - len(sent)} sent twice; keyed rows "
            f"{sum(len(keys_inserted(school)) for school in stage.schools)} of 100; most attempts "
            f"{max(row.attempts for row in stage.rows())}"
        )
    assert struck_at < 200, "everything was over before the kill"
    assert drained, stage.worker.text()
    assert len(sent) == 100
    assert [keys_inserted(school) for school in stage.schools] == [list(range(50))] * 2
    assert not [row for row in stage.rows() if row.dead_at]
    assert [finding for finding in check_invariants(INVARIANTS) if finding.rows] == []


def test_a_row_that_kills_its_process_dies_alone(stage: Stage) -> None:
    """Poison: five processes, then the row is buried; the rows beside it are done."""
    put(stage.schools[0], "poison", 1)
    put(stage.schools[0], "keyed", *range(10))
    assert processes.wait_until(lambda: stage.done() >= 10, 40), stage.worker.text()
    (poison,) = rows(stage.schools[0], kind="poison")
    assert (poison.done_at, poison.dead_at) == (None, None)
    assert poison.attempts >= 1
    assert keys_inserted(stage.schools[0]) == list(range(10))


def test_without_the_end_of_the_lease_rows_of_a_killed_worker_are_lost(
    school: School, other_school: School, database_name: str, tmp_path: Path
) -> None:
    """The negative control: a claim that never ends."""
    with running((school, other_school), database_name, tmp_path, seed=1, lease=3600) as stage:
        write_rows(stage, EVERYTHING)
        assert processes.wait_until(lambda: stage.done() >= 20, 30), stage.worker.text()
        kill_worker(stage)
        assert processes.wait_until(lambda: stage.done() >= 150, 30), stage.worker.text()
        assert not processes.wait_until(lambda: stage.done() == 200, LEASE_SECONDS + 7)
