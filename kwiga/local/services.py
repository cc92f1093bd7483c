"""The database and the broker a command works with: those of the environment, or embedded ones in a folder."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from kwiga.local.addresses import connect
from kwiga.local.envfile import LOGINS
from kwiga.local.errors import CommandError
from kwiga.local.postgres import Postgres
from kwiga.local.progress import step
from kwiga.local.roles import Addresses, make_owned_database, make_roles
from kwiga.local.valkey import Valkey, answers


@dataclass
class Services:
    """Running services: the variables that lead to them, and the embedded servers by name (none when external).

    `superuser_url` is that of the embedded PostgreSQL.
    """

    variables: dict[str, str] = field(default_factory=dict)
    servers: dict[str, Postgres | Valkey] = field(default_factory=dict)
    superuser_url: str = ""

    def fallen(self) -> str | None:
        """The name of an embedded server that has ended by itself."""
        for name, server in self.servers.items():
            if server.process is not None and server.process.poll() is not None:
                return name
        return None


def check_external_services() -> None:
    """Raises CommandError when a service named by the environment does not answer; starts and changes nothing."""
    if url := os.environ.get("DATABASE_URL"):
        connect(url).close()
    if url := os.environ.get("REDIS_URL"):
        if urlsplit(url).scheme not in {"redis", "rediss", "unix"}:
            raise CommandError("REDIS_URL is not of the form redis://host:port/0.")
        if not answers(url):
            raise CommandError(f"No Redis or Valkey answers at {urlsplit(url).netloc.rpartition('@')[2]} (REDIS_URL).")


@contextmanager
def services(
    folder: Path, secrets: Mapping[str, str], settings: Mapping[str, str], given: Mapping[str, str]
) -> Iterator[Services]:
    """Starts in `folder` what `given` (an environment) does not name; stops it at the end, PostgreSQL last.

    `settings` are those of an embedded PostgreSQL. Raises CommandError when a server does not start or a login may not
    make the roles.
    """
    running = Services({name: given.get(name) or secrets[name] for name in ("SECRET_KEY", "SECRETS_KEYS")})
    with ExitStack() as stack:
        if url := given.get("DATABASE_URL"):
            addresses = _external_roles(url, secrets, given)
        else:
            server = Postgres(folder / "postgres", secrets["postgres"], settings)
            addresses = _embedded_postgres(stack, running, server, secrets)
        running.variables |= addresses.variables()
        running.variables["REDIS_URL"] = given.get("REDIS_URL") or _embedded_valkey(
            stack, running, Valkey(folder / "valkey", secrets["valkey"])
        )
        yield running


def _external_roles(url: str, secrets: Mapping[str, str], given: Mapping[str, str]) -> Addresses:
    """Where the environment names all four logins, as in production, there is nothing to make."""
    if all(given.get(name) for name in LOGINS):
        return Addresses(*(given[name] for name in LOGINS))
    with step("Making the database roles"):
        return make_roles(url, secrets)


def _embedded_postgres(stack: ExitStack, running: Services, server: Postgres, secrets: Mapping[str, str]) -> Addresses:
    with step("Starting PostgreSQL"):
        stack.callback(server.stop)
        server.start()
        running.servers["PostgreSQL"] = server
        running.superuser_url = server.superuser_url()
    with step("Making the database roles"):
        owner_url = make_owned_database(server.superuser_url(), secrets["shop_owner"])
        return make_roles(server.superuser_url("kwiga"), secrets, owner_url)


def _embedded_valkey(stack: ExitStack, running: Services, server: Valkey) -> str:
    with step("Starting Valkey"):
        stack.callback(server.stop)
        server.start()
        running.servers["Valkey"] = server
    return server.url()
