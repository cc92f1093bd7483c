"""Servers that live as long as one command: a cluster and a broker of its own, beside a running demo."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kwiga.local.addresses import connect
from kwiga.local.envfile import complete_environment
from kwiga.local.passwords import new_secrets
from kwiga.local.paths import DATA, prepare_data_folder
from kwiga.local.postgres import TEST_SETTINGS
from kwiga.local.roles import OWNER
from kwiga.local.services import Services, services

_PREFIX = "run-"
# What a person may have set for a store of their own has no say in a run that is to mean the same everywhere.
_FIXED = {
    "BASE_URL": "http://localhost:8000",
    "DEBUG": "0",
    "DEMO": "0",
    "KEEP_MAIL_IN": "",
    "MAIL_FROM": "Kwiga <no-reply@localhost>",
    "SMTP_URL": "smtp://127.0.0.1:25",
    "TRUSTED_PROXIES": "",
}


@contextmanager
def throwaway_services(settings: Mapping[str, str] = TEST_SETTINGS) -> Iterator[dict[str, str]]:
    """The whole environment of a command that works on fresh servers, which are gone at the end.

    `settings` are Postgres's: those of tests do without fsync, those of the demo wait for the disk.
    """
    prepare_data_folder()
    _sweep(DATA)
    with _own_folder(DATA) as folder, services(folder, new_secrets(), settings, {}) as running:
        _let_owner_end_sessions(running)
        yield complete_environment(running.variables | _FIXED | _folders(folder) | _for_tests(running))


def _let_owner_end_sessions(running: Services) -> None:
    """Tests drop databases by force, as their owner, while sessions of the other roles are only just ending."""
    with connect(running.superuser_url) as connection:
        connection.execute(f"GRANT pg_signal_backend TO {OWNER}")


def _for_tests(running: Services) -> dict[str, str]:
    """The login with which tests empty the tables quickly; the product never looks at it."""
    return {"TEST_ADMIN_URL": running.superuser_url}


def _folders(folder: Path) -> dict[str, str]:
    return {"STATIC_ROOT": str(folder / "static")}


@contextmanager
def _own_folder(parent: Path) -> Iterator[Path]:
    """A folder that is removed at the end; its lock tells others that it is in use."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    folder.chmod(0o711)
    try:
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Removes the folders of runs that were killed: nobody holds their lock."""
    for folder in parent.glob(f"{_PREFIX}*"):
        with ExitStack() as stack:
            try:
                lock = stack.enter_context((folder / "lock").open("r+"))
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            shutil.rmtree(folder, ignore_errors=True)
