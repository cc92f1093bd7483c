"""Isolation is held by the database itself (trust 3.7). Each guard also has a control in test_controls.py."""

import psycopg
import pytest
from django.apps import apps

from schools.models import School
from schools.tenancy.models import TenantModel
from schools.tenancy.scope import school_scope
from tests.factories.world import fill
from tests.support import guards
from tests.support.database import as_owner, url_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def schools(school: School, other_school: School) -> list[School]:
    return [fill(school), fill(other_school)]


@pytest.mark.spec("TRUST-3.7")
@pytest.mark.parametrize("guard", guards.CATALOG_GUARDS, ids=lambda guard: guard.__name__)
def test_catalog_guard_finds_nothing(guard, db, database_name):
    with as_owner(database_name) as connection:
        assert guard(connection) == []


@pytest.mark.spec("TRUST-3.7")
@pytest.mark.parametrize("guard", guards.CONTEXT_GUARDS, ids=lambda guard: guard.__name__)
def test_app_sees_and_writes_nothing_without_a_school(guard, schools, database_name):
    with psycopg.connect(url_of("APP_DATABASE_URL", database_name), autocommit=True) as app:
        assert guard(app) == []


def test_every_tenant_model_has_rows_in_both_schools(schools):
    """Otherwise "no rows are seen" would hold for an empty table."""
    empty = []
    for school in schools:
        with school_scope(school):
            models = [model for model in apps.get_models() if issubclass(model, TenantModel)]
            empty += [f"{model.__name__} of {school}" for model in models if not model.objects.exists()]
    assert empty == []


def test_scope_shows_one_school_and_never_the_other(schools):
    for school in schools:
        with school_scope(school):
            for model in [model for model in apps.get_models() if hasattr(model, "school_id")]:
                ids = set(model._default_manager.values_list("school_id", flat=True))
                if model.__name__ != "Domain":  # the directory of hosts is read before a school is known
                    assert ids <= {school.pk}, model.__name__


def test_relay_reaches_the_outbox_of_all_schools_and_nothing_else(schools, database_name):
    with psycopg.connect(url_of("RELAY_DATABASE_URL", database_name), autocommit=True) as relay:
        rows = relay.execute("SELECT DISTINCT school_id FROM schools_outbox ORDER BY 1").fetchall()
        assert [row[0] for row in rows] == sorted(school.pk for school in schools)
        for table in [name for name in guards.tenant_tables(relay) if name != "schools_outbox"]:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                relay.execute(f'SELECT 1 FROM "{table}"')


def test_ops_reads_all_schools_and_writes_nothing(schools, database_name):
    with psycopg.connect(url_of("OPS_DATABASE_URL", database_name), autocommit=True) as ops:
        for table in guards.tenant_tables(ops):
            found = ops.execute(f'SELECT count(DISTINCT school_id) FROM "{table}"').fetchone()
            assert found == (2,), table
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                ops.execute(f'DELETE FROM "{table}"')
