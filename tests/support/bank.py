"""A Test bank for tests: the real process on a port of its own, and a hand that works it as shops and buyers do."""

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import urllib3

from kwiga.local import processes
from tests.support.database import ROOT

_pool = urllib3.PoolManager(retries=False, timeout=10)


class RunningBank:
    """The process, its address and its ledger; `restart` kills it and starts it on the same ledger and port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, processes.free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "orders.payments.test_bank.bank", "--port", str(self.port)]
        with (self.folder / "bank.log").open("ab") as log:
            self.process = processes.spawn(
                [*command, "--ledger", str(self.folder)], cwd=ROOT, env=dict(os.environ), stdout=log, stderr=log
            )
        assert processes.wait_until(self._answers, 20), (self.folder / "bank.log").read_text()

    def restart(self) -> None:
        self.process.kill()
        self.process.wait(10)
        self.start()

    def stop(self) -> None:
        processes.end(self.process, [(signal.SIGTERM, 5)])

    def call(self, key: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """One call of the interface: status and answer."""
        answer = _pool.request(method, f"{self.url}/api/{path}", json=body, headers={"Authorization": f"Bearer {key}"})
        return answer.status, answer.json()

    def press(self, session: str, button: str, **choices: str) -> urllib3.BaseHTTPResponse:
        """What a buyer or a tester does on the session's page."""
        return self.post(f"/pay/{session}", {"do": button, **choices})

    def post(self, path: str, fields: dict[str, str]) -> urllib3.BaseHTTPResponse:
        """A form as a browser sends it."""
        return _pool.request("POST", f"{self.url}{path}", fields=fields, encode_multipart=False, redirect=False)

    def page(self, path: str) -> urllib3.BaseHTTPResponse:
        """A page as a browser gets it."""
        return _pool.request("GET", f"{self.url}{path}", redirect=False)

    @property
    def log(self) -> str:
        return (self.folder / "bank.log").read_text(errors="replace")

    def _answers(self) -> bool:
        try:
            return _pool.request("GET", f"{self.url}/health").status == 200
        except urllib3.exceptions.HTTPError:
            return False


@contextmanager
def running_bank() -> Iterator[RunningBank]:
    """A bank in a folder of its own, ended and removed behind the block."""
    with tempfile.TemporaryDirectory(prefix="kwiga-bank-") as folder:
        bank = RunningBank(Path(folder))
        bank.start()
        try:
            yield bank
        finally:
            bank.stop()
