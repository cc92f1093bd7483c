"""Test databases: a migrated template built once, cloned by each process, used as the restricted roles."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent.parent
URLS = ("DATABASE_URL", "APP_DATABASE_URL", "RELAY_DATABASE_URL", "OPS_DATABASE_URL")


def url_of(variable: str, database: str) -> str:
    """The login of that variable on another database of the same server."""
    return urlunsplit(urlsplit(os.environ[variable])._replace(path=f"/{database}"))


def environment_for(database: str) -> dict[str, str]:
    """What a process of the product needs to work on that database."""
    return os.environ | {variable: url_of(variable, database) for variable in URLS} | {"KWIGA_ENV_FILE": ""}


@contextmanager
def as_owner(database: str) -> Iterator[psycopg.Connection[Any]]:
    """A plain connection of the owner, outside Django, committing each statement."""
    with psycopg.connect(url_of("DATABASE_URL", database), autocommit=True) as connection:
        yield connection


def template_name() -> str:
    """A name that changes with everything that shapes the schema."""
    files = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("schools/tenancy/*.py"), ROOT / "uv.lock"]
    content = b"".join(path.read_bytes() for path in sorted(files))
    return f"kwiga_template_{hashlib.sha256(content).hexdigest()[:12]}"


def build_template() -> None:
    """Migrate the template database, unless this very schema has one already."""
    name, half_built = template_name(), f"kwiga_half_built_{os.getpid()}"
    with as_owner(home_database()) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(half_built)))
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"]
        subprocess.run(command, cwd=ROOT, env=environment_for(half_built), check=True)
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        try:
            connection.execute(rename.format(sql.Identifier(half_built), sql.Identifier(name)))
        except psycopg.errors.DuplicateDatabase:
            drop_database(connection, half_built)  # another run at the same server was faster


@contextmanager
def cloned_database(name: str) -> Iterator[str]:
    """A fresh copy of the template under that name, dropped at the end."""
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template_name()))
    with as_owner(home_database()) as connection:
        drop_database(connection, name)
        connection.execute(create)
        yield name
        drop_database(connection, name)


@contextmanager
def emptier_of(name: str) -> Iterator[Callable[[], None]]:
    """What empties all tables of the database that migrations did not fill, by the quickest way that is open.

    Emptying every table for each test would take longer than the test. With the login of the server's superuser
    (`TEST_ADMIN_URL`, which `bin/test` gives) only those that hold rows are emptied, past triggers and policies.
    """
    if "TEST_ADMIN_URL" in os.environ:
        with psycopg.connect(url_of("TEST_ADMIN_URL", name), autocommit=True) as admin:
            yield _EmptyFew(admin)
    else:
        with as_owner(name) as owner:
            yield _EmptyAll(owner)


class _EmptyAll:
    def __init__(self, owner: psycopg.Connection[Any]) -> None:
        tables = sql.SQL(", ").join(_tables(owner))
        self._owner, self._statement = owner, sql.SQL("TRUNCATE {}").format(tables)

    def __call__(self) -> None:
        self._owner.execute(self._statement)


class _EmptyFew:
    def __init__(self, admin: psycopg.Connection[Any]) -> None:
        admin.execute("SET session_replication_role = replica")
        one = sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
        parts = [one.format(sql.Literal(table.as_string()), table) for table in _tables(admin)]
        self._admin, self._filled = admin, sql.SQL(" UNION ALL ").join(parts)

    def __call__(self) -> None:
        with self._admin.transaction():
            for (table,) in self._admin.execute(self._filled).fetchall():
                self._admin.execute(f"DELETE FROM {table}")  # type: ignore[arg-type]


def _tables(connection: psycopg.Connection[Any]) -> list[sql.Identifier]:
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
        "AND relname <> 'django_migrations' ORDER BY relname"
    ).fetchall()
    return [sql.Identifier(name) for (name,) in rows]


def drop_database(owner: psycopg.Connection[Any], name: str) -> None:
    """Drop it whoever is connected; each role ends its own sessions, because the owner may not."""
    for variable in URLS:
        with psycopg.connect(url_of(variable, home_database()), autocommit=True) as role:
            role.execute(
                "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity "
                "WHERE datname = %s AND usename = current_user",
                [name],
            )
    # Without FORCE: that would need a right over a vacuum that happens to run, which a plain drop ends by itself.
    owner.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def home_database() -> str:
    """The database that the logins were given for."""
    return urlsplit(os.environ["DATABASE_URL"]).path.lstrip("/")
