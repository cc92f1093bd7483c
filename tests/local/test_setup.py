"""What a deployment does first: roles with the passwords of their addresses, a database of the owner's, migrations."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from kwiga.local.addresses import with_login
from kwiga.local.paths import ROOT
from kwiga.local.postgres import Postgres
from kwiga.local.roles import ROLES

PASSWORDS = {"shop_owner": "own/er", "shop_app": "a@pp", "shop_relay": "re:lay", "shop_ops": "ops"}
NAMES = ("DATABASE_URL", "APP_DATABASE_URL", "RELAY_DATABASE_URL", "OPS_DATABASE_URL")


@pytest.fixture
def deployment(cluster: Postgres) -> Iterator[dict[str, str]]:
    """The environment of a setup container beside an empty server."""
    addresses = [with_login(cluster.superuser_url("kwiga"), role, secret) for role, secret in PASSWORDS.items()]
    kept = {name: value for name, value in os.environ.items() if name not in NAMES}
    yield (
        kept
        | dict(zip(NAMES, addresses, strict=True))
        | {
            "ADMIN_DATABASE_URL": cluster.superuser_url(),
            "SECRET_KEY": "x" * 60,
            "SECRETS_KEYS": "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
            "KWIGA_ENV_FILE": "",
        }
    )
    with psycopg.connect(cluster.superuser_url(), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS kwiga WITH (FORCE)")
        for role in [*ROLES, "shop_owner"]:
            connection.execute(f"DROP ROLE IF EXISTS {role}")


def run(command: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kwiga.local", command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )


def test_it_leads_from_an_empty_server_to_a_migrated_one_and_may_run_again(deployment: dict[str, str]) -> None:
    first = run("setup", deployment)
    assert first.returncode == 0, first.stdout + first.stderr
    with psycopg.connect(deployment["APP_DATABASE_URL"]) as app:
        assert app.execute("SELECT count(*) FROM schools_school").fetchone() == (0,)
        assert app.execute("SELECT rolsuper FROM pg_roles WHERE rolname = 'shop_owner'").fetchone() == (False,)
    again = run("setup", deployment)
    assert again.returncode == 0, again.stdout + again.stderr


def test_without_an_administrator_the_owner_makes_the_roles(cluster: Postgres, deployment: dict[str, str]) -> None:
    with psycopg.connect(cluster.superuser_url(), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE shop_owner LOGIN CREATEROLE PASSWORD '{PASSWORDS['shop_owner']}'")
        connection.execute("CREATE DATABASE kwiga OWNER shop_owner")
    done = run("setup", deployment | {"ADMIN_DATABASE_URL": ""})
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"OPS_DATABASE_URL": ""}, "Set OPS_DATABASE_URL: .env.example says what they are."),
        (
            {"APP_DATABASE_URL": "postgres://shop_owner:x@127.0.0.1/kwiga"},
            "APP_DATABASE_URL is the address of the role shop_app, and has to name it.",
        ),
        (
            {"DATABASE_URL": "postgres://other:x@127.0.0.1/kwiga"},
            "With ADMIN_DATABASE_URL, DATABASE_URL is the address of the role shop_owner and the database kwiga.",
        ),
        ({"ADMIN_DATABASE_URL": "postgres://postgres@127.0.0.1:1/postgres"}, "No PostgreSQL answers at"),
    ],
)
def test_what_is_wrong_is_one_sentence(deployment: dict[str, str], changes: dict[str, str], sentence: str) -> None:
    done = run("setup", deployment | changes)
    assert done.returncode == 1
    assert done.stderr.startswith(sentence)
    assert done.stderr.count("\n") == 1


@pytest.mark.timeout(180)
def test_a_build_needs_no_secret_and_no_server(tmp_path: Path) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = run("build", kept | {"STATIC_ROOT": str(tmp_path), "KWIGA_ENV_FILE": ""})
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "staticfiles.json").exists()
    assert list((tmp_path / "build").glob("app.*.css"))
