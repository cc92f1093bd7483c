"""Real servers and real processes; none of it touches the database of the suite."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kwiga.local.paths import DATA, ROOT
from kwiga.local.postgres import TEST_SETTINGS, Postgres


@pytest.fixture(scope="module")
def cluster() -> Iterator[Postgres]:
    """A running cluster of its own below the project's folder, where root lets `nobody` run it."""
    DATA.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=DATA, prefix="run-tests-") as folder:
        Path(folder).chmod(0o711)
        server = Postgres(Path(folder) / "postgres", "a-password", TEST_SETTINGS)
        server.start()
        yield server
        server.stop()


@pytest.fixture
def script() -> Iterator[Callable[[str], tuple[subprocess.Popen[str], int]]]:
    """Runs Python code that prints a number (a process id) and goes on; returns the process and that number."""
    started: list[subprocess.Popen[str]] = []

    def run(code: str) -> tuple[subprocess.Popen[str], int]:
        process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        return process, int(process.stdout.readline())

    yield run
    for process in started:
        process.kill()
        process.communicate()
