import pytest

from kwiga.local.addresses import connect, login_of, with_login
from kwiga.local.errors import CommandError
from kwiga.local.processes import free_port


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://me:secret@db.test:5433/shop", "postgres://app:p%2Fw@db.test:5433/shop"),
        ("postgres://db.test/shop?sslmode=require", "postgres://app:p%2Fw@db.test/shop?sslmode=require"),
        ("postgres://me@%2Fvar%2Frun/shop", "postgres://app:p%2Fw@%2Fvar%2Frun/shop"),
        ("postgres:///shop?host=/var/run", "postgres://app:p%2Fw@/shop?host=/var/run"),
    ],
)
def test_only_the_login_changes(url, expected):
    assert with_login(url, "app", "p/w") == expected


def test_what_is_printed_holds_no_password():
    assert login_of("postgres://me:secret@db.test:5433/shop?x=1") == "me@db.test:5433/shop"


@pytest.mark.parametrize(
    "url", ["", "db.test/shop", "mysql://db.test/shop", "postgres://db.test", "postgres://db.test/"]
)
def test_what_is_no_address_is_said_so(url):
    with pytest.raises(CommandError, match="DATABASE_URL is not of the form"):
        connect(url)


def test_nobody_there():
    with pytest.raises(CommandError, match=r"^No PostgreSQL answers at me@127.0.0.1:\d+/shop: .*refused[^\n]*$"):
        connect(f"postgres://me:secret@127.0.0.1:{free_port()}/shop")


def test_a_refused_login(cluster):
    with pytest.raises(CommandError, match=r"^PostgreSQL refuses nobody@[^\n]*password authentication failed[^\n]*$"):
        connect(cluster.url("nobody", "secret", "postgres"))


def test_a_missing_database(cluster):
    with pytest.raises(CommandError, match=r'^PostgreSQL refuses [^\n]*database "shop" does not exist\.$'):
        connect(cluster.superuser_url("shop"))
