"""pgrls.toml: what the policy linter is told to accept is what our own constraints make, and nothing else."""

import tomllib
from pathlib import Path

from django.conf import settings as project_settings
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from schools.tenancy.exceptions import pgrls_toml
from tests.support.guards import tenant_tables

WRITTEN = project_settings.ROOT / "pgrls.toml"


def allowed(rule: str) -> set[str]:
    rules = tomllib.loads(WRITTEN.read_text())["lint"]["rules"]
    return set(rules[rule]["allowlist"])


def test_the_file_is_current() -> None:
    assert WRITTEN.read_text() == pgrls_toml(), "run: manage.py policy_exceptions"


def test_the_command_writes_it(settings: Settings, tmp_path: Path) -> None:
    settings.ROOT = tmp_path
    call_command("policy_exceptions")
    assert (tmp_path / "pgrls.toml").read_text() == WRITTEN.read_text()


def test_every_exception_says_why() -> None:
    lines = [line for line in WRITTEN.read_text().splitlines() if line.startswith('  "')]
    assert len(lines) > 20
    assert [line for line in lines if len(line.partition("# ")[2]) < 10] == []


def test_even_a_hint_fails() -> None:
    assert tomllib.loads(WRITTEN.read_text())["lint"]["fail_on"] == "info"


def test_no_table_of_schools_may_go_without_row_security(db: None) -> None:
    tables = {f"public.{name}" for name in tenant_tables(connection.cursor().connection)}
    assert allowed("SEC001") & tables == set()


def test_every_policy_named_exists(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'public.' || tablename || '.' || policyname FROM pg_policies")
        policies = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT 'public.' || tgrelid::regclass || '.' || tgname FROM pg_trigger WHERE NOT tgisinternal")
        triggers = {name for (name,) in cursor.fetchall()}
    assert allowed("SEC005") | allowed("SEC008") | allowed("SEC038") <= policies
    assert allowed("SEC013") == triggers


def test_no_policy_of_the_web_is_excepted_but_the_directory_of_hosts(db: None) -> None:
    excepted = allowed("SEC005") | allowed("SEC008") | allowed("SEC028") | allowed("SEC038")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'public.' || tablename || '.' || policyname FROM pg_policies WHERE 'shop_app' = ANY (roles)"
        )
        of_the_web = {name for (name,) in cursor.fetchall()}
    assert excepted & of_the_web == {"public.schools_domain.directory_reads"}
