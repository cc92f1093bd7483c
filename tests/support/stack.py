"""The product's own processes on a test database: web, worker, beat and a Valkey that can be killed."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.request import urlopen

from kwiga.local import processes
from kwiga.local.paths import valkey_server
from tests.support.database import ROOT, environment_for

BIN = Path(sys.executable).parent
WEB = ["gunicorn", "kwiga.wsgi:application", "--workers", "2", "--threads", "4", "--worker-class", "gthread"]
WORKER = ["celery", "--app", "kwiga.celery", "worker", "--concurrency", "2", "--prefetch-multiplier", "1"]
BANK = ["python", "-m", "orders.payments.test_bank.bank"]
BEAT = ["celery", "--app", "kwiga.celery", "beat"]


class Stack:
    """Real processes in a temporary folder. `start_all` brings up everything; each part can be killed and started."""

    def __init__(self, database: str, folder: Path) -> None:
        self.folder, self.mail = folder, folder / "mail"
        self.port, self.redis_port = processes.free_port(), processes.free_port()
        self.bank_port = processes.free_port()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = environment_for(database) | {
            "REDIS_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "BASE_URL": f"http://localhost:{self.port}",
            "KEEP_MAIL_IN": str(self.mail),
            "TEST_BANK_URL": f"http://127.0.0.1:{self.bank_port}",
            "DEBUG": "1",  # files from their folders: no collected build is needed
        }

    @property
    def root(self) -> str:
        return self.environment["BASE_URL"]

    def start_all(self) -> None:
        self.start_valkey()
        self.start("web", [*WEB, "--bind", f"127.0.0.1:{self.port}"])
        self.start_bank()
        self.start("worker", WORKER)
        self.start("beat", BEAT)
        assert processes.wait_until(self.web_answers, 90), self.log("web")

    def start(self, name: str, command: list[str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = processes.spawn(
                [str(BIN / command[0]), *command[1:]], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    def start_bank(self) -> None:
        """The Test bank, with a ledger that outlives it."""
        self.start("bank", [*BANK, "--port", str(self.bank_port), "--ledger", str(self.folder / "bank")])

    def start_valkey(self) -> None:
        command = [
            str(valkey_server()),
            "--port",
            str(self.redis_port),
            "--bind",
            "127.0.0.1",
            "--dir",
            str(self.folder),
        ]
        command += ["--appendonly", "yes", "--save", "", "--daemonize", "no"]
        self.running["valkey"] = processes.spawn(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self, name: str) -> None:
        """kill -9, and wait until it is gone."""
        process = self.running.pop(name)
        process.kill()
        process.wait(10)

    def web_answers(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def mails(self, owner: str) -> list[str]:
        """The kept messages of a school (its id) or of the platform, oldest first."""
        return [path.read_text() for path in sorted((self.mail / owner).glob("*.eml"))]

    def stop(self) -> None:
        """Ends all parts side by side, and then the Valkey that they use."""
        asked = [process for name, process in self.running.items() if name != "valkey"]
        for process in asked:
            process.terminate()
        for process in asked:
            processes.wait_until(lambda process=process: process.poll() is not None, 5)
        for process in self.running.values():
            processes.end(process, [(signal.SIGTERM, 5)])


@contextmanager
def stack_on(database: str) -> Iterator[Stack]:
    """A stack in a folder of its own, ended and removed behind the block."""
    with ExitStack() as clean:
        folder = Path(clean.enter_context(tempfile.TemporaryDirectory(prefix="kwiga-stack-")))
        stack = Stack(database, folder)
        clean.callback(stack.stop)
        yield stack
