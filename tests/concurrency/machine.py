"""The processes of a store that works automations: broker, worker and beat, traps, and who is mailed and called."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from celery import current_app

from kwiga.local import processes
from tests.concurrency.traps import Traps
from tests.support.broker import Broker, running_broker
from tests.support.receiver import Receiver, receiver
from tests.support.smtp import MailServer, mail_server
from tests.support.workers import Beat, Worker, worker_environment

LEASE_SECONDS, PAUSE_SECONDS = 2, 1


@dataclass
class Machine:
    """What runs, and where it can be hurt."""

    folder: Path
    environment: dict[str, str]
    broker: Broker
    worker: Worker
    beat: Beat
    traps: Traps
    mail_port: int
    called: Receiver
    held: ExitStack = field(default_factory=ExitStack)

    def open_mail(self) -> MailServer:
        """A mail server where the worker looks for one, until `close_mail`."""
        return self.held.enter_context(mail_server(self.mail_port))

    def close_mail(self) -> None:
        self.held.close()


@contextmanager
def running_on(database_name: str, folder: Path) -> Iterator[Machine]:
    """The processes, with their files in the folder, until the end of the block."""
    traps = Traps(folder / "traps")
    traps.folder.mkdir()
    with ExitStack() as held:
        broker = held.enter_context(running_broker(folder))
        address, current_app.conf.broker_url = current_app.conf.broker_url, broker.url
        held.callback(setattr, current_app.conf, "broker_url", address)
        port, called = processes.free_port(), held.enter_context(receiver())
        environment = worker_environment(
            database_name,
            broker.url,
            SMTP_URL=f"smtp://127.0.0.1:{port}",
            OUTBOX_LEASE_SECONDS=str(LEASE_SECONDS),
            TEST_PAUSE_SECONDS=str(PAUSE_SECONDS),
            TEST_TRAPS=str(traps.folder),
            OUTBOUND_ALLOW=called.host,
        )
        worker = held.enter_context(Worker(environment, folder / "worker.log"))
        beat = held.enter_context(Beat(environment, folder / "beat.log"))
        yield Machine(folder, environment, broker, worker, beat, traps, port, called)
