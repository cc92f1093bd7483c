"""`bin/test`: the whole suite on servers of its own."""

import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from kwiga.local.browser import find_browser
from kwiga.local.builders import build_css, compile_catalogues
from kwiga.local.paths import ROOT
from kwiga.local.processes import die_with_parent
from kwiga.local.progress import step
from kwiga.local.throwaway import throwaway_services

# Two processes; all browser tests share one of them, since browsers side by side gain nothing on two cores.
_ALL = ("-n", "2", "--dist", "loadgroup")


def main(arguments: list[str]) -> int:
    """Runs pytest with these arguments, or everything in parallel without any; returns pytest's status."""
    with throwaway_services() as environment:
        prepare_tests(environment)
        return run_pytest(arguments or _ALL, environment)


def prepare_tests(environment: dict[str, str]) -> None:
    """Builds what the pages need, and finds the browser; adds to the environment what tests need of it."""
    # As in the demo, whose addresses are the most there can be: the mailboxes are walked through like every page.
    environment["KEEP_MAIL_IN"] = str(Path(environment["STATIC_ROOT"]).with_name("mail"))
    with step("Building the style sheet"):
        build_css()
    with step("Compiling the message catalogues"):
        compile_catalogues()
    environment["CHROMIUM"] = find_browser()


def run_pytest(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Runs pytest in the foreground; Ctrl-C reaches it from the terminal, and it may finish its report."""
    command = [sys.executable, "-m", "pytest", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, preexec_fn=die_with_parent(signal.SIGKILL))
    try:
        return _wait(process)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes]) -> int:
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue
