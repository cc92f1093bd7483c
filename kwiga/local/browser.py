"""Finds a Chromium for the browser tests, or installs one, or says what to install."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping

from kwiga.local import processes
from kwiga.local.errors import CommandError
from kwiga.local.progress import step

_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_PACKAGES = ("chromium-headless-shell", "chromium")
_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--dump-dom", "about:blank")
_START = "from playwright.sync_api import sync_playwright as p\nwith p() as x: x.chromium.launch().close()"


def find_browser() -> str:
    """The path of a Chromium that starts; empty when it is Playwright's own, which Playwright finds by itself.

    Raises CommandError with what to install when there is none and none could be installed.
    """
    if found := _on_path() or _by_apt():
        return found
    if _playwright_starts() or _by_playwright():
        return ""
    raise CommandError(
        "The browser tests need Chromium, and none could be installed: install the package chromium (by "
        "apt-get install chromium on Debian and Ubuntu), or run .venv/bin/playwright install --with-deps --only-shell "
        "chromium, and start again; CHROMIUM may name a program."
    )


def _on_path() -> str:
    candidates = [os.environ.get("CHROMIUM"), *map(shutil.which, _NAMES)]
    return next((path for path in candidates if path and _starts(path)), "")


def _starts(path: str) -> bool:
    """A name on PATH may be a placeholder that asks to install something else, so it is tried."""
    try:
        done = subprocess.run([path, *_FLAGS], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and b"<html" in done.stdout


def _by_apt() -> str:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return ""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with step("Installing Chromium by apt-get"):
        _succeeds(["apt-get", "update", "--quiet"], environment)
        for package in _PACKAGES:
            _succeeds(["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", package], environment)
            if found := _on_path():
                return found
    return ""


def _by_playwright() -> bool:
    with step("Installing Chromium by Playwright"):
        command = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
        return _succeeds(command, os.environ) and _playwright_starts()


def _playwright_starts() -> bool:
    return _succeeds([sys.executable, "-c", _START], os.environ)


def _succeeds(command: list[str], environment: Mapping[str, str]) -> bool:
    return processes.run(command, environment).returncode == 0
