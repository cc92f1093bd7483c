"""Runs the processes of the Procfile side by side until one ends or somebody asks to stop.

Each runs in a session of its own: Ctrl-C reaches only the supervisor, which ends them first and lets the servers stop
after them. A kill -9 of the supervisor ends them too, by the parent-death signal.
"""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from kwiga.local import processes
from kwiga.local.errors import CommandError
from kwiga.local.paths import BIN, ROOT, write_private

_LINE = re.compile(r"^(?P<name>[a-z]+): (?P<command>exec .+)$")
_COLORS = ("36", "33", "35")
# A worker with its broker gone would wait for it; every task may run twice, so it can be killed.
_DEATH_SIGNALS = {"worker": signal.SIGKILL}
# Soft first: web finishes its requests, the worker its tasks; SIGQUIT makes it hand them back.
_ENDING = [(signal.SIGTERM, 10.0), (signal.SIGQUIT, 5.0)]


def read_procfile(path: Path) -> dict[str, str]:
    """Name -> command. Each needs `exec`: with a shell in between, signals would end the shell alone.

    Raises CommandError on a line of another shape.
    """
    lines = [line for line in path.read_text().splitlines() if line.strip() and not line.startswith("#")]
    matches = [(line, _LINE.match(line)) for line in lines]
    for line, match in matches:
        if match is None:
            raise CommandError(f"This line of {path.name} is not of the form `name: exec command`: {line}")
    return {match["name"]: match["command"] for _line, match in matches if match}


@dataclass
class Supervisor:
    """Starts, watches and ends the processes. Start it from the main thread."""

    commands: Mapping[str, str]
    pid_folder: Path
    environment: Callable[[str], dict[str, str]]
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _printers: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Starts every process and begins to print what they say, each line behind its name."""
        self.pid_folder.mkdir(exist_ok=True)
        for number, (name, command) in enumerate(self.commands.items()):
            child = processes.spawn(
                ["/bin/sh", "-c", command],
                death_signal=_DEATH_SIGNALS.get(name, signal.SIGTERM),
                cwd=ROOT,
                env=self.environment(name),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            self.children[name] = child
            write_private(self.pid_folder / f"{name}.pid", str(child.pid))
            self._print_output(name, number, child)

    def fallen(self) -> str | None:
        """The name of a process that has ended by itself."""
        return next((name for name, child in self.children.items() if child.poll() is not None), None)

    def stop(self) -> None:
        """Ends all processes softly, then whatever is left of their groups; a second Ctrl-C skips the waiting."""
        try:
            for signum, seconds in _ENDING:
                self._signal_all(signum)
                if processes.wait_until(self._all_ended, seconds):
                    break
        except KeyboardInterrupt:
            pass
        for name, child in self.children.items():
            kill_group(child.pid)
            child.wait()
            (self.pid_folder / f"{name}.pid").unlink(missing_ok=True)
        for printer, child in zip(self._printers, self.children.values(), strict=True):
            printer.join(timeout=1)
            if child.stdout is not None and not printer.is_alive():
                child.stdout.close()

    def _all_ended(self) -> bool:
        return all(child.poll() is not None for child in self.children.values())

    def _signal_all(self, signum: int) -> None:
        for child in self.children.values():
            if child.poll() is None:
                child.send_signal(signum)

    def _print_output(self, name: str, number: int, child: subprocess.Popen[bytes]) -> None:
        width = max(map(len, self.commands))
        prefix = f"{name:<{width}} | "
        if sys.stdout.isatty():
            prefix = f"\x1b[{_COLORS[number % len(_COLORS)]}m{prefix}\x1b[0m"
        printer = threading.Thread(target=_copy_lines, args=(child.stdout, prefix), daemon=True)
        printer.start()
        self._printers.append(printer)


def end_leftovers(pid_folder: Path) -> None:
    """Ends processes of an earlier, killed start that are still on their way out."""
    for file in pid_folder.glob("*.pid"):
        if (text := file.read_text().strip()).isdecimal():
            processes.end_leftover(int(text), str(BIN), signal.SIGKILL)
        file.unlink(missing_ok=True)


def kill_group(pid: int) -> None:
    """Kills what is left of the group that `pid` led, such as the children of a process that was killed itself."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def watch(supervisor: Supervisor, also_fallen: Callable[[], str | None]) -> str:
    """Returns the name of the first process (or server, by `also_fallen`) that ends by itself."""
    while True:
        if name := supervisor.fallen() or also_fallen():
            return name
        time.sleep(0.2)


def _copy_lines(source: IO[bytes], prefix: str) -> None:
    for line in source:
        sys.stdout.write(prefix + line.decode(errors="replace"))
        sys.stdout.flush()
