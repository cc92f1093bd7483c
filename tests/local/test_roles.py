import psycopg
import pytest

from kwiga.local.addresses import with_login
from kwiga.local.errors import CommandError
from kwiga.local.passwords import new_secrets
from kwiga.local.roles import ROLES, make_owned_database, make_roles

SECRETS = new_secrets()


@pytest.fixture
def url(cluster):
    """The superuser's address of a fresh database; its roles are gone afterwards."""
    with psycopg.connect(cluster.superuser_url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE trial")
        yield cluster.superuser_url("trial")
        connection.execute("DROP DATABASE IF EXISTS trial WITH (FORCE)")
        connection.execute("DROP DATABASE IF EXISTS kwiga WITH (FORCE)")
        for role in [*ROLES, "shop_owner", "maker", "plain"]:
            connection.execute(f"DROP ROLE IF EXISTS {role}")


def ask(url, statement):
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else None


def login(url, name, attributes):
    """Makes a login that owns the database, as people get it from a provider."""
    ask(url, f"CREATE ROLE {name} LOGIN PASSWORD 'x' {attributes}")
    ask(url, f"ALTER DATABASE trial OWNER TO {name}")
    return with_login(url, name, "x")


def test_the_roles_are_weak_and_wait_three_seconds_for_a_lock(url):
    addresses = make_roles(url, SECRETS)

    weak = "SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'shop%' AND NOT rolsuper AND NOT rolbypassrls"
    assert sorted(ask(url, weak)) == [("shop_app",), ("shop_ops",), ("shop_relay",)]
    assert ask(addresses.app, "SELECT current_user::text, current_setting('lock_timeout')") == [("shop_app", "3s")]
    assert ask(addresses.relay, "SELECT current_user::text, current_setting('lock_timeout')") == [("shop_relay", "3s")]
    assert ask(addresses.ops, "SELECT current_user::text, current_setting('lock_timeout')") == [("shop_ops", "0")]


def test_making_them_again_changes_nothing(url):
    make_roles(url, SECRETS)
    before = ask(url, "SELECT rolname::text, rolpassword FROM pg_authid ORDER BY 1")

    make_roles(url, SECRETS)

    assert ask(url, "SELECT rolname::text, rolpassword FROM pg_authid ORDER BY 1") == before


def test_a_role_that_grew_strong_is_weakened_and_gets_its_password_back(url):
    make_roles(url, SECRETS)
    ask(url, "ALTER ROLE shop_app BYPASSRLS PASSWORD 'forgotten'")

    addresses = make_roles(url, SECRETS)

    assert ask(addresses.app, "SELECT rolbypassrls FROM pg_roles WHERE rolname = current_user") == [(False,)]


def test_the_owner_of_our_own_cluster_is_no_superuser_and_can_migrate(url):
    owner = make_owned_database(url, SECRETS["shop_owner"])

    assert ask(owner, "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user") == [
        (False, True, False)
    ]
    ask(owner, "CREATE TABLE migrated (id int)")
    addresses = make_roles(url.replace("/trial", "/kwiga"), SECRETS, owner)
    assert addresses.owner == owner
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(addresses.app, "SELECT * FROM migrated")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(addresses.app, "CREATE TABLE mine (id int)")


def test_a_login_that_may_create_roles_is_enough(url):
    maker = login(url, "maker", "CREATEROLE")

    addresses = make_roles(maker, SECRETS)

    assert addresses.owner == maker
    assert ask(addresses.app, "SELECT current_user::text") == [("shop_app",)]


def test_a_login_that_may_not_gets_the_sql_and_goes_on_once_it_was_run(url):
    plain = login(url, "plain", "")

    with pytest.raises(
        CommandError, match=r"plain@.* may not make the roles shop_app, shop_relay, shop_ops"
    ) as refused:
        make_roles(plain, SECRETS)
    advice = str(refused.value)
    assert not [secret for secret in SECRETS.values() if secret in advice]
    for statement in advice.partition("\n\n")[2].splitlines():
        ask(url, statement)

    assert ask(make_roles(plain, SECRETS).relay, "SELECT current_user::text") == [("shop_relay",)]


def test_a_login_that_may_not_create_tables_is_told_who_has_to_own_the_database(url):
    login(url, "plain", "CREATEROLE")
    ask(url, "ALTER DATABASE trial OWNER TO postgres")

    with pytest.raises(CommandError, match='ALTER DATABASE "trial" OWNER TO "plain";'):
        make_roles(with_login(url, "plain", "x"), SECRETS)
