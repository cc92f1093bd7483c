"""`manage.py invariants`: silent on sound data, loud about each kind of damage (every rule has its control here)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from pytest_django import Settings

from kwiga import clock
from schools.invariants import Invariant, broken_rows, check_invariants, find_invariants
from schools.models import Domain, Event, Member, OutboxRow, School
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.world import fill
from tests.support.database import as_owner, cloned_database, url_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "ops", "relay"])

RULES = {invariant.name: invariant for invariant in find_invariants()}


def broken() -> dict[str, list[tuple[Any, ...]]]:
    """What the rules have to say, asked as ops."""
    return {finding.invariant.name: finding.rows for finding in check_invariants() if finding.rows}


def test_sound_data_breaks_no_rule(school: School, other_school: School) -> None:
    fill(school)
    fill(other_school)
    drain()
    assert broken() == {}


# --- Damage that the role of the web could do ---


def loses_an_outbox_row(school: School) -> list[tuple[Any, ...]]:
    event = Event.objects.create(school=school, kind="sample.happened")
    return [(school.pk, event.pk)]


def leaves_work_undone(school: School) -> list[tuple[Any, ...]]:
    past = clock.now() - timedelta(minutes=3)
    row = OutboxRow.objects.create(school=school, kind="sample", dedupe_key="late", available_at=past)
    return [(school.pk, row.pk, "sample")]


def keeps_a_sent_mail(school: School) -> list[tuple[Any, ...]]:
    row = OutboxRow.objects.create(
        school=school, kind="mail", dedupe_key="sent", payload={"sealed": "k1:…"}, done_at=clock.now()
    )
    return [(school.pk, row.pk)]


def has_no_primary_host(school: School) -> list[tuple[Any, ...]]:
    Domain.objects.filter(school=school).update(is_primary=False)
    return [(school.pk,)]


def has_an_unverified_host(school: School) -> list[tuple[Any, ...]]:
    Domain.objects.filter(school=school).update(verified_at=None)
    return [(school.pk,)]


def has_no_owner(school: School) -> list[tuple[Any, ...]]:
    Member.objects.filter(school=school).update(role="admin")
    return [(school.pk,)]


def has_an_owner_who_may_not_sign_in(school: School) -> list[tuple[Any, ...]]:
    user = Member.objects.get(school=school).user
    user.is_active = False
    user.save()
    return [(school.pk,)]


@pytest.mark.parametrize(
    ("rule", "damage"),
    [
        ("event_has_outbox_row", loses_an_outbox_row),
        pytest.param("outbox_is_drained", leaves_work_undone, marks=pytest.mark.spec("I13")),
        ("sent_mail_is_wiped", keeps_a_sent_mail),
        ("school_has_one_primary_host", has_no_primary_host),
        ("school_has_one_primary_host", has_an_unverified_host),
        ("school_has_an_owner", has_no_owner),
        ("school_has_an_owner", has_an_owner_who_may_not_sign_in),
    ],
)
def test_damage_to_one_school_is_found_and_nothing_else(
    school: School, other_school: School, rule: str, damage: Callable[[School], list[tuple[Any, ...]]]
) -> None:
    with school_scope(school):
        expected = damage(school)
    assert broken() == {rule: expected}


def test_a_second_host_that_is_not_primary_breaks_nothing(school: School) -> None:
    with school_scope(school):
        Domain.objects.create(school=school, host="second.localhost", verified_at=clock.now())
    assert broken() == {}


# --- Damage that takes the owner: done to a database of its own ---


@pytest.fixture
def scratch(database_name: str) -> Iterator[str]:
    with cloned_database(f"{database_name}_rules") as name:
        yield name


def broken_in(database: str, rule: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url_of("OPS_DATABASE_URL", database)) as ops, ops.cursor() as cursor:
        return broken_rows(cursor, RULES[rule])


LINKED = """
CREATE TABLE sample_course (id bigint PRIMARY KEY, school_id bigint NOT NULL, UNIQUE (school_id, id));
CREATE TABLE sample_lesson (id bigint PRIMARY KEY, school_id bigint NOT NULL, course_id bigint NOT NULL, {key});
INSERT INTO sample_course VALUES (10, 1), (20, 2);
INSERT INTO sample_lesson VALUES (1, 1, 10), (2, 2, 20){more};
"""


@pytest.mark.spec("I14")
def test_a_plain_key_lets_a_row_point_into_another_school_and_the_rule_finds_it(scratch: str) -> None:
    with as_owner(scratch) as owner:
        owner.execute(LINKED.format(key="FOREIGN KEY (course_id) REFERENCES sample_course", more=", (3, 1, 20)"))
    assert broken_in(scratch, "no_row_points_across_schools") == [("sample_lesson_course_id_fkey", 1, 3)]


def test_a_key_with_the_school_in_it_is_looked_at_as_well(scratch: str) -> None:
    key = "FOREIGN KEY (school_id, course_id) REFERENCES sample_course (school_id, id)"
    with as_owner(scratch) as owner:
        owner.execute(LINKED.format(key=key, more=""))
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            owner.execute("INSERT INTO sample_lesson VALUES (3, 1, 20)")
    assert broken_in(scratch, "no_row_points_across_schools") == []


@pytest.mark.spec("I16")
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE offers_offer DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE offers_offer NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY tenant ON offers_offer; DROP POLICY tenant_floor ON offers_offer",
    ],
)
def test_a_table_without_its_fence_is_found(scratch: str, statement: str) -> None:
    assert broken_in(scratch, "tables_of_schools_are_fenced") == []
    with as_owner(scratch) as owner:
        owner.execute(statement)
    assert broken_in(scratch, "tables_of_schools_are_fenced") == [("offers_offer",)]


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("DROP POLICY ops_reads ON offers_offer", "offers_offer"),
        ("ALTER POLICY ops_reads ON offers_offer USING (school_id = 1)", "offers_offer"),
        ("REVOKE SELECT ON offers_offer FROM shop_ops", "offers_offer"),
        ("REVOKE SELECT ON SEQUENCE offers_offer_id_seq FROM shop_ops", "offers_offer_id_seq"),
    ],
)
def test_a_table_that_a_backup_would_miss_is_found(scratch: str, statement: str, name: str) -> None:
    assert broken_in(scratch, "backups_see_every_row") == []
    with as_owner(scratch) as owner:
        owner.execute(statement)
    assert broken_in(scratch, "backups_see_every_row") == [(name,)]


def test_a_role_that_owns_something_is_found(scratch: str) -> None:
    assert broken_in(scratch, "roles_are_weak") == []
    with as_owner(scratch) as owner:
        owner.execute("GRANT CREATE ON SCHEMA public TO shop_app")
    with psycopg.connect(url_of("APP_DATABASE_URL", scratch)) as app:
        app.execute("CREATE TABLE mine (id bigint)")
    assert broken_in(scratch, "roles_are_weak") == [("shop_app",)]


def test_a_second_primary_host_is_found(scratch: str) -> None:
    """A unique index is the first fence, so the rule is tried where it has been taken down."""
    with as_owner(scratch) as owner:
        owner.execute("DROP INDEX schools_domain_one_primary")
        owner.execute(
            "INSERT INTO schools_school (slug, name, currency, time_zone, language, legal_name, address, contact_email,"
            " contact_phone, sender_name, tax_note, order_expiry_days, store_is_open, store_title, store_text,"
            " after_sign_in, news_a_contact_a_day, news_a_day, created_at)"
            " VALUES ('blue', 'Blue', 'UAH', 'UTC', 'en', '', '', '', '',"
            " '', '', 7, true, '', '', 'courses', 3, 1000, now())"
        )
    with psycopg.connect(url_of("APP_DATABASE_URL", scratch)) as app:
        (school_id,) = app.execute("SELECT id FROM schools_school").fetchone() or (0,)
        app.execute("SELECT set_config('app.school_id', %s, true)", [str(school_id)])
        for host in ("blue.localhost", "azure.localhost"):
            app.execute(
                "INSERT INTO schools_domain (school_id, host, is_primary, verified_at, created_at)"
                " VALUES (%s, %s, true, now(), now())",
                [school_id, host],
            )
    assert broken_in(scratch, "school_has_one_primary_host") == [(school_id,)]


def test_every_rule_has_a_control_in_this_file() -> None:
    text = Path(__file__).read_text()
    assert [name for name, rule in RULES.items() if rule.app == "schools" and f'"{name}"' not in text] == []


# --- The command ---


def run(*names: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("invariants", *names, stdout=out, no_color=True)
    except SystemExit as ended:
        return out.getvalue(), int(str(ended.code))
    return out.getvalue(), 0


def test_the_command_prints_each_rule_and_the_rows_that_break_it(school: School) -> None:
    with school_scope(school):
        event = Event.objects.create(school=school, kind="sample.happened")
    printed, status = run()
    lines = printed.splitlines()
    assert status == 1
    assert lines[-1] == f"{len(RULES) - 1} of {len(RULES)} rules hold."
    assert sum(line.startswith("ok ") for line in lines) == len(RULES) - 1
    assert [line.split() for line in lines if line.startswith(" ")] == [[str(school.pk), str(event.pk)]]


def test_the_command_ends_well_when_all_rules_hold(school: School) -> None:
    assert run("school_has_an_owner", "roles_are_weak")[1] == 0
    assert run("school_has_an_owner")[0].splitlines()[-1] == "1 of 1 rules hold."


def test_many_rows_are_counted_and_a_few_shown(school: School) -> None:
    with school_scope(school):
        for _ in range(8):
            Event.objects.create(school=school, kind="sample.happened")
    printed, _status = run("event_has_outbox_row")
    assert "broken       8" in printed
    assert "… and 3 more" in printed


def test_an_unknown_name_is_one_sentence(school: School) -> None:
    with pytest.raises(CommandError, match=r"^No rule has the name 'nonsense'\.$"):
        run("nonsense")


def test_without_the_login_of_ops_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "settings", {"default": connections.settings["default"]})
    with pytest.raises(CommandError, match="set OPS_DATABASE_URL"):
        run()


def test_rules_of_every_installed_app_are_found(settings: Settings, tmp_path: Path, monkeypatch: Any) -> None:
    folder = tmp_path / "library"
    (folder / "invariants").mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "invariants" / "book_is_there.sql").write_text("-- A book\n-- is there.\nSELECT 1 WHERE false")
    monkeypatch.syspath_prepend(str(tmp_path))
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "library"]
    found = {invariant.name: invariant for invariant in find_invariants()}
    assert found["book_is_there"] == Invariant(
        "library", "book_is_there", "A book is there.", "-- A book\n-- is there.\nSELECT 1 WHERE false", False
    )
    assert found.keys() > RULES.keys()
