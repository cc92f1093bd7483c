"""The embedded Valkey: an append-only broker that has every acknowledged message back after a kill -9."""

import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import redis

from kwiga.local import processes
from kwiga.local.errors import CommandError
from kwiga.local.paths import private_folder, valkey_server, write_private

_READY_SECONDS = 60
# The file, rather than arguments, keeps the password out of the list of processes.
_CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass "{password}"
dir "{folder}"
logfile "{log}"
pidfile "{pidfile}"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
daemonize no
"""


@dataclass
class Valkey:
    """One server in one folder. `start` may be called again after `stop` or after the server was killed."""

    folder: Path
    password: str
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What the server says, of the last start alone."""
        return self.folder / "server.log"

    @property
    def configuration(self) -> Path:
        """The file the server reads."""
        return self.folder / "valkey.conf"

    def url(self) -> str:
        """The address with its password, database 0."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Returns when the server answers; raises CommandError when it does not start."""
        private_folder(self.folder)
        self._end_leftover()
        for _attempt in range(3):
            if self._launch():
                return
        raise CommandError(f"Valkey did not start: {_last_line(self.log)} (all of it is in {self.log})")

    def stop(self) -> None:
        """Ends the server; it writes its log to the disk first."""
        if self.process is not None:
            processes.end(self.process, [(signal.SIGTERM, 10)])
            self.process = None

    def _end_leftover(self) -> None:
        try:
            pid = int((self.folder / "pid").read_text())
        except (OSError, ValueError):
            return
        processes.end_leftover(pid, str(valkey_server()), signal.SIGTERM)

    def _launch(self) -> bool:
        self.port = processes.free_port()
        self.log.unlink(missing_ok=True)
        settings = {"port": self.port, "password": self.password, "folder": self.folder, "log": self.log}
        write_private(self.configuration, _CONFIGURATION.format(pidfile=self.folder / "pid", **settings))
        command = [str(valkey_server()), str(self.configuration)]
        process = self.process = processes.spawn(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        processes.wait_until(lambda: process.poll() is not None or answers(self.url()), _READY_SECONDS)
        if process.poll() is None and answers(self.url()):
            return True
        self.stop()
        return False


def answers(url: str) -> bool:
    """Whether a Redis or Valkey behind this address answers a PING and is past loading its data."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2, retry=None) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return (lines or ["no reason given"])[-1].strip()
