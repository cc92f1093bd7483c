"""Negative controls: with a fence taken down, the guard that watches it must cry out (trust 0-15, 3.7-7)."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db.models import QuerySet

from schools.tenancy.models import TenantManager
from tests.factories.offers import PublishedOfferFactory
from tests.factories.world import fill
from tests.support import guards
from tests.support.database import as_owner, cloned_database, url_of

# What is done to a scratch database, and the guard that has to notice.
SABOTAGE = {
    "a table without a school": ("CREATE TABLE forgotten (id int)", guards.unlisted_tables),
    "row security not forced": ("ALTER TABLE offers_offer NO FORCE ROW LEVEL SECURITY", guards.unfenced_tables),
    "row security off": ("ALTER TABLE offers_offer DISABLE ROW LEVEL SECURITY", guards.unfenced_tables),
    "policy dropped": (
        "DROP POLICY tenant ON offers_offer; DROP POLICY tenant_floor ON offers_offer",
        guards.unfenced_tables,
    ),
    "floor dropped": ("DROP POLICY tenant_floor ON offers_offer", guards.unfenced_tables),
    "open policy": ("CREATE POLICY open ON offers_offer TO shop_app USING (true)", guards.loose_policies),
    "policy for all roles": ("CREATE POLICY anyone ON offers_offer USING (school_id = 1)", guards.loose_policies),
    "relay reads offers": ("GRANT SELECT ON offers_offer TO shop_relay", guards.stray_grants),
    "app may truncate": ("GRANT TRUNCATE ON offers_offer TO shop_app", guards.stray_grants),
    "a plain foreign key": (
        "ALTER TABLE offers_offer ADD plain bigint REFERENCES schools_event (id)",
        guards.plain_foreign_keys,
    ),
    "an index across schools": ("CREATE INDEX stray ON offers_offer (created_at)", guards.indexes_across_schools),
    "a definer function": (
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        guards.ways_around,
    ),
    "a view as its owner": ("CREATE VIEW v AS SELECT * FROM offers_offer", guards.ways_around),
    "a materialized view": ("CREATE MATERIALIZED VIEW m AS SELECT 1 AS one", guards.ways_around),
}


@pytest.fixture
def scratch(db, database_name) -> Iterator[str]:
    with cloned_database(f"{database_name}_scratch") as name:
        yield name


@pytest.mark.spec("TRUST-3.7")
@pytest.mark.parametrize("name", SABOTAGE)
def test_catalog_guard_cries_out(name, scratch):
    statement, guard = SABOTAGE[name]
    with as_owner(scratch) as connection:
        assert guard(connection) == []
        connection.execute(statement)
        assert guard(connection) != []


def test_role_guard_cries_out_when_app_owns_a_table(scratch):
    with as_owner(scratch) as owner:
        assert guards.strong_roles(owner) == []
        owner.execute("GRANT CREATE ON SCHEMA public TO shop_app")
        with psycopg.connect(url_of("APP_DATABASE_URL", scratch), autocommit=True) as app:
            app.execute("CREATE TABLE own (school_id bigint)")
        assert guards.strong_roles(owner) == ["shop_app"]


@pytest.mark.django_db(transaction=True)
def test_rows_appear_when_the_policy_is_open(school, other_school, database_name):
    """The same guard, the same rows, with row security switched off on one table."""
    fill(school)
    switch = "ALTER TABLE offers_offer {} ROW LEVEL SECURITY"
    with as_owner(database_name) as owner:
        owner.execute(switch.format("DISABLE"))
        try:
            with psycopg.connect(url_of("APP_DATABASE_URL", database_name), autocommit=True) as app:
                assert guards.rows_without_school(app) == ["offers_offer: 1 rows"]
                assert "offers_offer" in guards.inserts_without_school(app)
        finally:
            owner.execute(switch.format("ENABLE"))


@pytest.mark.django_db(transaction=True)
def test_session_level_setting_leaks_into_the_next_transaction(school, other_school, database_name):
    """Why `school_scope` sets the school locally: a session setting outlives its transaction (trust M5)."""
    fill(school)
    with psycopg.connect(url_of("APP_DATABASE_URL", database_name), autocommit=True) as app:
        with app.transaction():
            app.execute("SELECT set_config('app.school_id', %s, true)", [str(school.pk)])
        assert guards.rows_without_school(app) == []
        with app.transaction():
            app.execute("SELECT set_config('app.school_id', %s, false)", [str(school.pk)])
        assert guards.rows_without_school(app) != []


@pytest.mark.django_db(transaction=True)
def test_suite_would_not_start_as_the_owner(database_name):
    with as_owner(database_name) as owner:
        assert guards.too_strong(owner) != []
    with psycopg.connect(url_of("APP_DATABASE_URL", database_name)) as app:
        assert guards.too_strong(app) == []


@pytest.mark.django_db(transaction=True)
def test_crawler_would_find_the_neighbors_page_without_the_fences(
    school, other_school, owner, staff, monkeypatch, database_name
):
    """One fence is enough to keep the neighbor's offer out; with both gone the page opens, and the crawler fails."""
    theirs = PublishedOfferFactory(school=other_school)
    client, path = staff(owner), f"/green/offers/{theirs.token}/"

    assert client.get(path).status_code == 404
    monkeypatch.setattr(TenantManager, "get_queryset", lambda manager: QuerySet(manager.model, using=manager._db))
    assert client.get(path).status_code == 404, "the database alone keeps it out"
    with as_owner(database_name) as connection:
        connection.execute("ALTER TABLE offers_offer DISABLE ROW LEVEL SECURITY")
        try:
            assert client.get(path).status_code == 200
            monkeypatch.undo()
            assert client.get(path).status_code == 404, "the application alone keeps it out"
        finally:
            connection.execute("ALTER TABLE offers_offer ENABLE ROW LEVEL SECURITY")
