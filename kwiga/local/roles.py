"""The database's logins: owner for migrations, and app, relay and ops, which own nothing and bypass nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg import sql

from kwiga.local.addresses import connect, login_of, with_login
from kwiga.local.errors import CommandError

OWNER = "shop_owner"
DATABASE = "kwiga"
# Role -> what its sessions start with. Migrations and reports may wait longer than a page may.
ROLES: Mapping[str, Mapping[str, str]] = {
    "shop_app": {"lock_timeout": "3s"},
    "shop_relay": {"lock_timeout": "3s"},
    "shop_ops": {},
}
_OLDEST = 150_000


@dataclass(frozen=True)
class Addresses:
    """One address a login, by the name of the variable that carries it."""

    owner: str
    app: str
    relay: str
    ops: str

    def variables(self) -> dict[str, str]:
        """The four variables of the settings."""
        return {
            "DATABASE_URL": self.owner,
            "APP_DATABASE_URL": self.app,
            "RELAY_DATABASE_URL": self.relay,
            "OPS_DATABASE_URL": self.ops,
        }


def make_owned_database(superuser_url: str, password: str) -> str:
    """In a cluster of our own: the owner, who is no superuser, and its database. Returns the owner's address."""
    with connect(superuser_url) as connection:
        _create_or_alter(connection, OWNER, password, sql.SQL("CREATEDB"))
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
            names = {"name": sql.Identifier(DATABASE), "owner": sql.Identifier(OWNER)}
            connection.execute(sql.SQL("CREATE DATABASE {name} OWNER {owner}").format(**names))
    base, _, _ = superuser_url.rpartition("/")
    return with_login(f"{base}/{DATABASE}", OWNER, password)


def make_roles(url: str, passwords: Mapping[str, str], owner_url: str | None = None) -> Addresses:
    """Creates or refreshes the three roles through the login of `url`, and returns the address of each.

    `owner_url` is the owner when `url` is not. Raises CommandError with the SQL to run when that login may not do it.
    """
    with connect(url) as connection:
        _refuse_unfit(connection, url)
        statements = _missing(connection, url, passwords)
        try:
            with connection.transaction():
                for statement in statements:
                    connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege as error:
            raise CommandError(_advice(connection, url, statements)) from error
    app, relay, ops = (with_login(url, role, passwords[role]) for role in ROLES)
    for address in (app, relay, ops):
        connect(address).close()
    return Addresses(owner=owner_url or url, app=app, relay=relay, ops=ops)


def _refuse_unfit(connection: psycopg.Connection, url: str) -> None:
    if connection.info.server_version < _OLDEST:
        raise CommandError(f"The server of {login_of(url)} is too old: PostgreSQL 15 or newer is needed.")
    allowed = connection.execute("SELECT has_schema_privilege(current_user, 'public', 'CREATE')").fetchone()
    if allowed != (True,):
        user, name = sql.Identifier(connection.info.user), sql.Identifier(connection.info.dbname)
        statement = sql.SQL("ALTER DATABASE {} OWNER TO {};").format(name, user).as_string(connection)
        raise CommandError(
            f"The login {login_of(url)} may not create tables in this database. Run as an administrator:\n\n{statement}"
        )


def _missing(connection: psycopg.Connection, url: str, passwords: Mapping[str, str]) -> list[sql.Composed]:
    """The statements that lead from what the server has to what it should have; none when all is well."""
    found: list[sql.Composed] = []
    for role, settings in ROLES.items():
        if not _is_well(connection, role) or not _can_log_in(url, role, passwords[role]):
            found.append(_role_statement(connection, role, passwords[role], _weak(connection, role)))
        found += _setting_statements(connection, role, settings)
        found += _grant_statements(connection, role)
    return found


def _is_well(connection: psycopg.Connection, role: str) -> bool:
    query = "SELECT rolcanlogin AND NOT rolsuper AND NOT rolbypassrls FROM pg_roles WHERE rolname = %s"
    return connection.execute(query, [role]).fetchone() == (True,)


def _weak(connection: psycopg.Connection, role: str) -> sql.SQL:
    """Only a superuser may even mention these, so they are left out where nothing has to change."""
    query = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s"
    if connection.execute(query, [role]).fetchone() == (True,):
        return sql.SQL("NOSUPERUSER NOBYPASSRLS")
    return sql.SQL("")


def _can_log_in(url: str, role: str, password: str) -> bool:
    try:
        connect(with_login(url, role, password)).close()
    except CommandError:
        return False
    return True


def _role_statement(connection: psycopg.Connection, role: str, password: str, extra: sql.SQL) -> sql.Composed:
    """The password travels as a verifier, so neither the server's log nor a printed statement shows it."""
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is not None
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    words = {
        "verb": sql.SQL("ALTER" if exists else "CREATE"),
        "role": sql.Identifier(role),
        "password": sql.Literal(verifier),
        "extra": extra,
    }
    return sql.SQL("{verb} ROLE {role} LOGIN PASSWORD {password} {extra}").format(**words)


def _create_or_alter(connection: psycopg.Connection, role: str, password: str, extra: sql.SQL) -> None:
    connection.execute(_role_statement(connection, role, password, extra))


def _setting_statements(connection: psycopg.Connection, role: str, settings: Mapping[str, str]) -> list[sql.Composed]:
    query = """SELECT unnest(setconfig) FROM pg_db_role_setting
               JOIN pg_roles ON pg_roles.oid = setrole WHERE rolname = %s AND setdatabase = 0"""
    present = {row[0] for row in connection.execute(query, [role])}
    return [
        sql.SQL("ALTER ROLE {} SET {} = {}").format(sql.Identifier(role), sql.Identifier(name), sql.Literal(value))
        for name, value in settings.items()
        if f"{name}={value}" not in present
    ]


def _grant_statements(connection: psycopg.Connection, role: str) -> list[sql.Composed]:
    """CONNECT and USAGE, where PUBLIC does not already have them."""
    database = sql.Identifier(connection.info.dbname)
    grants = {
        "has_database_privilege(%s, current_database(), 'CONNECT')": sql.SQL("CONNECT ON DATABASE {}").format(database),
        "has_schema_privilege(%s, 'public', 'USAGE')": sql.SQL("USAGE ON SCHEMA public").format(),
    }
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is not None
    return [
        sql.SQL("GRANT {} TO {}").format(grant, sql.Identifier(role))
        for question, grant in grants.items()
        if not (exists and connection.execute(sql.SQL("SELECT ") + sql.SQL(question), [role]).fetchone() == (True,))
    ]


def _advice(connection: psycopg.Connection, url: str, statements: list[sql.Composed]) -> str:
    lines = "\n".join(statement.as_string(connection).strip() + ";" for statement in statements)
    return (
        f"The login {login_of(url)} may not make the roles {', '.join(ROLES)}. "
        f"Run this as an administrator of that server, then start again:\n\n{lines}"
    )
