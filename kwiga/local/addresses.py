"""Addresses of databases: reading them, swapping the login, and saying in one sentence why nobody answers there."""

from urllib.parse import quote, urlsplit, urlunsplit

import psycopg

from kwiga.local.errors import CommandError

_SCHEMES = {"postgres", "postgresql", "psql", "pgsql"}


def with_login(url: str, user: str, password: str) -> str:
    """The same database for another login; host, port, name and options stay."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{place}"))


def login_of(url: str) -> str:
    """`user@host:port/name`, fit to be printed: without password and options."""
    parts = urlsplit(url)
    user, at, place = parts.netloc.rpartition("@")
    return f"{user.partition(':')[0]}{at}{place}{parts.path}"


def check_address(url: str) -> None:
    """Raises CommandError when `url` is not the address of a PostgreSQL database."""
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or len(parts.path) < 2:
        raise CommandError("DATABASE_URL is not of the form postgres://user:password@host:port/database.")


def connect(url: str) -> psycopg.Connection:
    """An autocommit connection; raises CommandError with one sentence when the server or the login refuses.

    psycopg knows fewer names of the scheme than Django's settings do, so it gets its own.
    """
    check_address(url)
    address = urlunsplit(urlsplit(url)._replace(scheme="postgresql"))
    try:
        return psycopg.connect(address, connect_timeout=5, autocommit=True)
    except psycopg.OperationalError as error:
        raise CommandError(_reason(url, str(error))) from error
    except psycopg.ProgrammingError as error:
        raise CommandError(f"DATABASE_URL cannot be understood: {_first_line(str(error))}") from error


def _reason(url: str, message: str) -> str:
    line = _first_line(message)
    if "FATAL" in line:
        return f"PostgreSQL refuses {login_of(url)}: {line.rpartition('FATAL:')[2].strip()}."
    return f"No PostgreSQL answers at {login_of(url)}: {line.removeprefix('connection failed: ')}."


def _first_line(message: str) -> str:
    return (message.strip().splitlines() or ["no reason given"])[0].rstrip(".")
