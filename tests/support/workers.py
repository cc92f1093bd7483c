"""Worker and beat processes of the product, on a test's database and broker."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from kwiga.local import processes
from tests.support.database import ROOT, environment_for


def worker_environment(database: str, broker_url: str, **changes: str) -> dict[str, str]:
    """What a worker of the product needs, with the kinds of tests and log lines as in production."""
    fixed = {"REDIS_URL": broker_url, "DEBUG": "0", "KEEP_MAIL_IN": "", "PLAIN_STATIC_FILES": "1", "TEST_KINDS": "1"}
    return environment_for(database) | fixed | changes


class _Process:
    arguments: tuple[str, ...]
    ready: str

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.environment, self.log = environment, log
        self.process: subprocess.Popen[bytes]

    def start(self) -> None:
        """Start, and return when it is ready."""
        command = [sys.executable, "-m", "celery", "-A", "tests.concurrency.worker_app", *self.arguments]
        size = len(self.text())
        with self.log.open("ab") as log:
            self.process = processes.spawn(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        if not processes.wait_until(lambda: self.ready in self.text()[size:], 90):
            self.kill()
            raise AssertionError(f"{self.arguments} is not ready: {self.text()}")

    def text(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def kill(self) -> None:
        """kill -9 of the process and its children, as when a machine goes away."""
        for pid in [self.process.pid, *self.children()]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def children(self) -> list[int]:
        pid = self.process.pid
        listing = Path(f"/proc/{pid}/task/{pid}/children")
        return [int(child) for child in listing.read_text().split()] if listing.exists() else []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.kill()


class Worker(_Process):
    """Two processes, as on a small machine."""

    arguments = ("worker", "--concurrency", "2", "--loglevel", "INFO", "--without-mingle", "--without-gossip")
    ready = "ready"


class Beat(_Process):
    arguments = ("beat", "--loglevel", "INFO")
    ready = "maxinterval"
