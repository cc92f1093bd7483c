"""The settings of this machine as environment variables: written to `.data/env`, handed to each process as it needs."""

import os
from collections.abc import Mapping
from pathlib import Path

from kwiga.local.paths import BIN, write_private

# Which logins a process may see. Whoever serves strangers gets the weakest one alone.
LOGINS = ("DATABASE_URL", "APP_DATABASE_URL", "RELAY_DATABASE_URL", "OPS_DATABASE_URL")
ALLOWED_LOGINS: Mapping[str, frozenset[str]] = {
    "web": frozenset({"APP_DATABASE_URL"}),
    "worker": frozenset({"APP_DATABASE_URL", "RELAY_DATABASE_URL"}),
    "beat": frozenset({"APP_DATABASE_URL"}),
}


def write_env_file(path: Path, variables: Mapping[str, str]) -> None:
    """Writes the file that `kwiga/settings.py` reads, for this user alone; quoted, values are taken as they are."""
    lines = [f"{name}='{value}'" for name, value in variables.items()]
    write_private(path, "# Written by the local commands; the real environment wins.\n" + "\n".join(lines) + "\n")


def complete_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of a management command: all logins, and no file that could add another.

    Output comes line by line, though it goes through a pipe.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in LOGINS}
    path = os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)])
    return {**inherited, **variables, "KWIGA_ENV_FILE": "", "PATH": path, "PYTHONUNBUFFERED": "1"}


def process_environment(name: str, variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of the process of that name in the Procfile, with no other login than it may have."""
    allowed = ALLOWED_LOGINS.get(name, frozenset())
    environment = complete_environment(variables)
    return {key: value for key, value in environment.items() if key not in LOGINS or key in allowed}
