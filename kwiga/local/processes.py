"""Starting and ending child processes so that none outlives its parent."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(signum: int) -> Callable[[], None]:
    """A `preexec_fn`: the kernel sends `signum` to the child when the parent's thread ends, even by kill -9.

    The parent must start its children from its main thread. Only Linux has this; elsewhere `end_leftover` clears up.
    """
    parent = os.getpid()

    def prepare() -> None:
        if _libc is None:
            return
        _libc.prctl(_PR_SET_PDEATHSIG, signum)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def spawn(command: Sequence[str], *, death_signal: int = signal.SIGTERM, **options: Any) -> subprocess.Popen[bytes]:
    """Starts `command` in a session of its own, so that Ctrl-C reaches only the parent; see `die_with_parent`."""
    return subprocess.Popen(
        command, start_new_session=True, preexec_fn=die_with_parent(death_signal), stdin=subprocess.DEVNULL, **options
    )


def run(command: Sequence[str], env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs a short command to its end and returns it with its output, both streams in one."""
    return subprocess.run(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this TCP port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def is_running(pid: int) -> bool:
    """Whether a process exists and is more than a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    try:
        return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def command_line(pid: int) -> str:
    """The command line of a process; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        pass
    if Path("/proc/self").exists():
        return ""
    listing = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listing.stdout.strip()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Looks every 20 ms whether `condition` holds; False when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def end(process: subprocess.Popen[bytes], signals: Sequence[tuple[int, float]]) -> int:
    """Sends each (signal, seconds to wait) in turn until the process has ended, SIGKILL last; returns its status."""
    for signum, seconds in [*signals, (signal.SIGKILL, 5)]:
        if process.poll() is not None:
            break
        process.send_signal(signum)
        wait_until(lambda: process.poll() is not None, seconds)
    return process.wait()


def end_leftover(pid: int, mark: str, signum: int) -> None:
    """Ends a process of an earlier, killed start, if `pid` still is one (its command line contains `mark`).

    The kernel has usually told it already (`die_with_parent`), so it first gets a moment to finish by itself.
    """
    if not is_running(pid) or mark not in command_line(pid):
        return
    for number, seconds in ((None, 2.0), (signum, 10.0), (signal.SIGKILL, 5.0)):
        if number is not None and is_running(pid):
            os.kill(pid, number)
        if wait_until(lambda: not is_running(pid), seconds):
            return
