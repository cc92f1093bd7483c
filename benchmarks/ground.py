"""The ground of a run: throw-away servers, a migrated and seeded database, and the product's processes on it."""

import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path

from kwiga.local import processes
from kwiga.local.builders import build_css, compile_catalogues
from kwiga.local.postgres import TEST_SETTINGS
from kwiga.local.throwaway import throwaway_services

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


@contextmanager
def ground(settings: Mapping[str, str] = TEST_SETTINGS, **variables: str) -> Iterator[dict[str, str]]:
    """The environment of a seeded store on fresh servers, also set in this process; everything is gone behind it.

    `settings` are Postgres's, `variables` what differs from the environment of tests.
    """
    build_css()
    compile_catalogues()
    with throwaway_services(settings) as environment:
        environment |= variables | {"MEDIA_ROOT": str(Path(environment["STATIC_ROOT"]).with_name("media"))}
        for command in (["migrate"], ["seed_demo"], ["collectstatic", "--no-input"]):
            arguments = [sys.executable, "manage.py", *command, "--verbosity", "0"]
            subprocess.run(arguments, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        os.environ.update(environment)
        yield environment


@contextmanager
def running(commands: Sequence[list[str]], environment: dict[str, str]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Programs of the virtual environment, quiet, ended behind the block."""
    with ExitStack() as stack:
        started = []
        for command in commands:
            process = processes.spawn(
                [str(BIN / command[0]), *command[1:]],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(processes.end, process, [(signal.SIGTERM, 5)])
            started.append(process)
        yield started


def resident_megabytes(pid: int) -> float:
    """Resident memory of a process and its children, in MB."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    pages = [int(Path(f"/proc/{each}/statm").read_text().split()[1]) for each in [pid, *map(int, children)]]
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


def requests_per_second(port: int, host: str, path: str, clients: int, seconds: float) -> tuple[float, float]:
    """Answers a second of that many clients with kept-alive connections, and the median time of one in ms.

    Raises RuntimeError for any answer that is not 200.
    """
    times: list[float] = []
    ends = time.monotonic() + seconds
    threads = [threading.Thread(target=_client, args=(port, host, path, ends, times)) for _ in range(clients)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(times) / (time.monotonic() - begun), statistics.median(times) * 1000


def _client(port: int, host: str, path: str, ends: float, times: list[float]) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    while time.monotonic() < ends:
        begun = time.monotonic()
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        times.append(time.monotonic() - begun)


def per_second(work: Callable[[], object], seconds: float) -> float:
    """How often `work` can be done in a second, one after the other."""
    count, begun = 0, time.monotonic()
    while time.monotonic() - begun < seconds:
        work()
        count += 1
    return count / (time.monotonic() - begun)
