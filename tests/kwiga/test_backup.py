"""Backup and restore as docs/operations.md tells it: pg_dump as ops, pg_restore as the owner, row by row the same."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from kwiga.local.paths import postgres_bin
from schools.models import School
from tests.factories.world import fill
from tests.support.database import as_owner, url_of
from tests.support.guards import CATALOG_GUARDS

pytestmark = pytest.mark.django_db(transaction=True)

Counts = dict[str, dict[str, int]]


@pytest.fixture
def restored(database_name: str) -> Iterator[str]:
    """An empty database of the owner, dropped at the end."""
    name = f"{database_name}_restored"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with as_owner("postgres") as owner:
        owner.execute(drop)
        owner.execute(create)
        yield name
        owner.execute(drop)


def run(program: str, *arguments: str) -> None:
    done = subprocess.run(
        [str(postgres_bin() / program), *arguments], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def dump(database: str, file: Path) -> None:
    address = url_of("OPS_DATABASE_URL", database)
    run("pg_dump", "--enable-row-security", "--format=custom", f"--file={file}", address)


def restore(database: str, file: Path) -> None:
    run(
        "pg_restore",
        "--exit-on-error",
        "--single-transaction",
        f"--dbname={url_of('DATABASE_URL', database)}",
        str(file),
    )


def rows_of_each_school(database: str) -> Counts:
    """How many rows each table has, by school, as the role that reads everything sees them."""
    with closing(psycopg.connect(url_of("OPS_DATABASE_URL", database))) as ops:
        tables = [name for (name,) in ops.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        return {table: dict(_counted(ops, table)) for table in sorted(tables)}


def _counted(ops: psycopg.Connection[Any], table: str) -> list[tuple[str, int]]:
    query = sql.SQL("SELECT coalesce(to_jsonb(t) ->> 'school_id', 'platform'), count(*) FROM {} t GROUP BY 1")
    return list(ops.execute(query.format(sql.Identifier(table))))


@pytest.mark.spec("F12")
def test_a_restored_backup_is_the_same_school_by_school(
    school: School, other_school: School, database_name: str, restored: str, tmp_path: Path
) -> None:
    fill(school)
    fill(other_school)
    before = rows_of_each_school(database_name)
    assert {str(school.pk), str(other_school.pk)} <= before["schools_outbox"].keys()

    dump(database_name, tmp_path / "backup")
    restore(restored, tmp_path / "backup")

    assert rows_of_each_school(restored) == before


def test_a_restored_database_has_all_fences_and_goes_on(
    school: School, database_name: str, restored: str, tmp_path: Path
) -> None:
    fill(school)
    dump(database_name, tmp_path / "backup")
    restore(restored, tmp_path / "backup")

    with as_owner(restored) as owner:
        assert [found for guard in CATALOG_GUARDS for found in guard(owner)] == []
    with closing(psycopg.connect(url_of("APP_DATABASE_URL", restored))) as app:
        assert app.execute("SELECT count(*) FROM offers_offer").fetchone() == (0,)
        app.execute("SELECT set_config('app.school_id', %s, true)", [str(school.pk)])
        assert app.execute("SELECT count(*) FROM offers_offer").fetchone() == (1,)
        # The next id is free: sequences stand where they stood.
        app.execute(
            "INSERT INTO schools_event (school_id, kind, subject_kind, data, created_at)"
            " VALUES (%s, 'school.restored', '', '{}', now())",
            [school.pk],
        )


def test_nobody_but_ops_can_make_a_whole_backup(database_name: str, school: School, tmp_path: Path) -> None:
    """The control: the role of the web is refused, and the owner, whom the policies bind too, sees no school's row."""
    fill(school)
    refused = subprocess.run(
        [str(postgres_bin() / "pg_dump"), f"--file={tmp_path / 'app'}", url_of("APP_DATABASE_URL", database_name)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    assert refused.returncode != 0
    run("pg_dump", "--enable-row-security", f"--file={tmp_path / 'owner'}", url_of("DATABASE_URL", database_name))
    copied = (tmp_path / "owner").read_text().partition("COPY public.offers_offer (")[2].partition("\\.")[0]
    assert copied.count("\n") == 1, "the heading alone"
