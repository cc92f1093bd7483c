import os
import shutil
import socket
import subprocess
import sys
from contextlib import suppress

import pytest

from kwiga.local.demo import only_one
from kwiga.local.errors import CommandError, explain_os_error
from kwiga.local.paths import ROOT
from kwiga.local.processes import free_port


@pytest.fixture
def start(tmp_path):
    """Starts the demo in a copy of the project that has no data yet, and returns its status and what it said."""
    shutil.copytree(ROOT / "kwiga" / "local", tmp_path / "kwiga" / "local")
    shutil.copy(ROOT / "kwiga" / "__init__.py", tmp_path / "kwiga")
    shutil.copy(ROOT / "Procfile", tmp_path)

    def run(*arguments: str, **environment: str) -> tuple[int, str]:
        names = ("DATABASE_URL", "REDIS_URL", "PORT")
        inherited = {name: value for name, value in os.environ.items() if name not in names}
        command = [sys.executable, "-m", "kwiga.local", "demo", *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=inherited | environment, capture_output=True, text=True, check=False, timeout=60
        )
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.fixture
def busy_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


@pytest.fixture
def closed_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        yield server.getsockname()[1]


def two_free_ports() -> str:
    """The first of two neighbors that are free: the store answers at one, its Test bank at the next."""
    while True:
        first = free_port()
        with socket.socket() as second, suppress(OSError, OverflowError):
            second.bind(("127.0.0.1", first + 1))
            return str(first)


def test_a_busy_port(start, busy_port, tmp_path):
    assert start(PORT=str(busy_port)) == (
        1,
        f"Port {busy_port} is used by another program: stop that one, or choose another port, as in "
        f"PORT={busy_port + 1} bin/demo.\n",
    )
    assert not (tmp_path / ".data" / "postgres").exists()


def test_a_busy_port_of_the_test_bank(start, tmp_path):
    port = two_free_ports()
    busy_port = int(port) + 1
    with socket.create_server(("127.0.0.1", busy_port)):
        answer = start(PORT=port)
    assert answer == (
        1,
        f"Port {busy_port}, where the Test bank answers, is used by another program: stop that one, or choose another "
        f"port for the store, as in PORT={busy_port + 1} bin/demo.\n",
    )
    assert not (tmp_path / ".data" / "postgres").exists()


def test_no_port_is_left_for_the_test_bank(start):
    status, said = start(PORT="65535")
    assert status == 1
    assert said.startswith("PORT is the last there is")


@pytest.mark.parametrize("port", ["65536", "http"])
def test_no_port(start, port):
    assert start(PORT=port) == (1, f"PORT is {port!r}, but a port is a number from 1 to 65535.\n")


def test_a_database_that_does_not_answer(start, closed_port, tmp_path):
    status, said = start(PORT=two_free_ports(), DATABASE_URL=f"postgres://me:secret@127.0.0.1:{closed_port}/shop")
    assert (status, said.count("\n")) == (1, 1)
    assert said.startswith(f"No PostgreSQL answers at me@127.0.0.1:{closed_port}/shop")
    assert not (tmp_path / ".data" / "env").exists()


def test_a_broker_that_does_not_answer(start, closed_port):
    said = start(PORT=two_free_ports(), REDIS_URL=f"redis://:secret@127.0.0.1:{closed_port}/0")
    assert said == (1, f"No Redis or Valkey answers at 127.0.0.1:{closed_port} (REDIS_URL).\n")


def test_reset_does_not_touch_a_database_of_somebody_else(start, cluster):
    said = start("--reset", PORT=two_free_ports(), DATABASE_URL=cluster.superuser_url())
    assert said == (1, "--reset empties only the embedded servers: empty the database of DATABASE_URL yourself.\n")


def test_a_second_one_in_the_same_folder(tmp_path):
    with (
        only_one(tmp_path / "demo.lock"),
        pytest.raises(CommandError, match=rf"already runs in this folder \(process {os.getpid()}\)"),
        only_one(tmp_path / "demo.lock"),
    ):
        pass


def test_one_after_another_in_the_same_folder(tmp_path):
    for _ in range(2):
        with only_one(tmp_path / "demo.lock"):
            assert (tmp_path / "demo.lock").read_text() == str(os.getpid())


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (28, "The disk that holds {folder} is full: free some space and start again."),
        (30, "{folder} is read-only: put the project into a folder that can be written to and start again."),
        (13, "{folder}/x may not be read or written by this user: check its owner and its mode."),
        (5, "{folder}/x: Input/output error."),
    ],
)
def test_what_a_folder_refuses_is_one_sentence(tmp_path, number, sentence):
    error = OSError(number, os.strerror(number), str(tmp_path / "x"))
    assert explain_os_error(error, tmp_path) == sentence.format(folder=tmp_path)
