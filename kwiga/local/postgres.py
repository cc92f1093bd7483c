"""The embedded PostgreSQL: made once, started, recovered and stopped without its own helper scripts.

Passwords are asked for on the loopback address too, so that another user of the machine cannot log in.
"""

import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kwiga.local import processes
from kwiga.local.errors import CommandError
from kwiga.local.paths import postgres_bin, private_folder, write_private
from kwiga.local.postgres_user import RunAs, find_way, own

_READY_SECONDS = 120
_INIT = (
    "--username=postgres",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
)
DEMO_SETTINGS = {"shared_buffers": "256MB", "jit": "off"}
# A throw-away cluster may forget all in a power cut, but not what it committed before a server's kill -9.
TEST_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "128MB",
    "jit": "off",
}


@dataclass
class Postgres:
    """One cluster in one folder. `start` may be called again after `stop` or after the server was killed."""

    folder: Path
    password: str
    settings: Mapping[str, str] = field(default_factory=lambda: DEMO_SETTINGS)
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """The cluster's own folder."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """What the server says, of the last start alone."""
        return self.folder / "server.log"

    def url(self, user: str, password: str, database: str) -> str:
        """The address of a database of this cluster for one login."""
        return f"postgres://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def superuser_url(self, database: str = "postgres") -> str:
        """The address for the login that made the cluster."""
        return self.url("postgres", self.password, database)

    def start(self) -> None:
        """Makes the cluster if there is none, and returns when it takes connections.

        Raises CommandError when it does not start.
        """
        private_folder(self.folder)
        end_leftover_server(self.data)
        way = find_way(self.folder)
        if not (self.data / "PG_VERSION").exists():
            _make_cluster(self, way)
        _refuse_other_version(self.data)
        for attempt in range(3):
            if _launch(self, way):
                return
            if attempt == 2 or "could not bind" not in self.log.read_text(errors="replace"):
                break
        raise CommandError(f"PostgreSQL did not start: {_last_complaint(self.log)} (all of it is in {self.log})")

    def stop(self) -> None:
        """Ends the server at once, rolling back what is open; SIGTERM would wait for every client."""
        if self.process is not None:
            processes.end(self.process, [(signal.SIGINT, 20), (signal.SIGQUIT, 5)])
            self.process = None


def end_leftover_server(data: Path) -> None:
    """Ends a server of an earlier, killed start and forgets a lock file whose process is somebody else by now."""
    lock = data / "postmaster.pid"
    pid = _first_line_as_number(lock)
    if pid is None:
        return
    processes.end_leftover(pid, str(data), signal.SIGINT)
    if processes.is_running(pid) and str(data) not in processes.command_line(pid):
        lock.unlink(missing_ok=True)


def _first_line_as_number(path: Path) -> int | None:
    try:
        return int(path.read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None


def _make_cluster(server: Postgres, way: RunAs) -> None:
    """Runs initdb beside the final place and renames at the end, so that an interrupted one is simply done again."""
    fresh, word = server.folder / "data.new", server.folder / "password.new"
    for half in (fresh, server.data):
        shutil.rmtree(half, ignore_errors=True)
    write_private(word, server.password)
    own(server.folder, way.owner)
    command = way.command(postgres_bin() / "initdb", *_INIT, f"--pwfile={word}", f"--pgdata={fresh}")
    try:
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **way.popen)
    finally:
        word.unlink(missing_ok=True)
    if done.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise CommandError(f"PostgreSQL could not make its files in {server.folder}: {reason}")
    fresh.rename(server.data)


def _refuse_other_version(data: Path) -> None:
    found = (data / "PG_VERSION").read_text().strip()
    version = subprocess.run([postgres_bin() / "postgres", "--version"], capture_output=True, text=True, check=True)
    installed = version.stdout.split()[-1].split(".")[0]
    if found != installed:
        raise CommandError(
            f"The data in {data} was made by PostgreSQL {found}, and PostgreSQL {installed} is installed: "
            "start over with bin/demo --reset, or move the data with pg_dump of the old version."
        )


def _launch(server: Postgres, way: RunAs) -> bool:
    """Starts the server on a free port; whether it became ready. It listens on the loopback address alone."""
    server.port = processes.free_port()
    wanted = {"port": str(server.port), "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
    options = [part for name, value in {**server.settings, **wanted}.items() for part in ("-c", f"{name}={value}")]
    command = way.command(postgres_bin() / "postgres", "-D", str(server.data), *options)
    with server.log.open("wb") as log:
        server.process = processes.spawn(
            command, death_signal=signal.SIGINT, cwd="/", stdout=log, stderr=log, **way.popen
        )
    process = server.process
    processes.wait_until(lambda: process.poll() is not None or _is_ready(server.data, process.pid), _READY_SECONDS)
    if process.poll() is None and _is_ready(server.data, process.pid):
        return True
    server.stop()
    return False


def _is_ready(data: Path, pid: int) -> bool:
    """The last line of a stale lock file says `ready` too, so the process id has to be the one that was started."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _last_complaint(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    complaints = [line for line in lines if "FATAL" in line or "PANIC" in line or "error" in line.lower()]
    return (complaints or lines or ["no reason given"])[-1].strip()
