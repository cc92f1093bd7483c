"""Runs management commands from outside Django."""

import sys
from collections.abc import Mapping, Sequence

from kwiga.local import processes
from kwiga.local.envfile import complete_environment
from kwiga.local.errors import CommandError
from kwiga.local.paths import ROOT


def run_manage(arguments: Sequence[str], variables: Mapping[str, str]) -> str:
    """Runs `manage.py` with these variables and returns its output; raises CommandError with it when it fails."""
    done = processes.run([sys.executable, str(ROOT / "manage.py"), *arguments], complete_environment(variables))
    if done.returncode != 0:
        raise CommandError(f"manage.py {arguments[0]} failed:\n{done.stdout.strip()}")
    return done.stdout
