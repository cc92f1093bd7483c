"""A school with a thousand rows does not keep another waiting for its one."""

import time
from typing import Any

import psycopg
import pytest
from django.db import connections

from kwiga import clock
from schools.models import OutboxRow, School
from schools.outbox import claims
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.schools import SchoolFactory
from tests.support.database import as_owner
from tests.support.outbox import Applying, put, registered

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])


def fill(school: School, count: int, kind: str = "note") -> None:
    with school_scope(school):
        OutboxRow.objects.bulk_create(
            OutboxRow(school=school, kind=kind, dedupe_key=str(n), payload={"key": n}) for n in range(count)
        )


@pytest.mark.parametrize("busy_first", [True, False])
def test_one_row_is_served_beside_a_thousand(school: School, other_school: School, busy_first: bool) -> None:
    busy, quiet = (school, other_school) if busy_first else (other_school, school)
    order = []
    fill(busy, 1000)
    put(quiet, "note", 1)
    with registered("note", Applying(lambda row: order.append(row.school_id))):
        drain()
    assert len(order) == 1001
    assert order.index(quiet.pk) < 2 * claims.ROWS_A_CLAIM


def test_a_claim_takes_one_row_of_each_busy_school_before_a_second_of_any(db: None) -> None:
    schools = [SchoolFactory() for _ in range(claims.ROWS_A_CLAIM - 1)]
    for school in schools:
        fill(school, 10)
    taken = [claim.school_id for claim in claims.claim_due()]
    assert sorted(taken[:-1]) == sorted(school.pk for school in schools)
    assert len(taken) == claims.ROWS_A_CLAIM


def test_the_round_reaches_schools_beyond_the_first_few(db: None) -> None:
    schools = [SchoolFactory() for _ in range(2 * claims.ROWS_A_CLAIM)]
    for school in schools:
        fill(school, 10)
    first = claims.claim_due()
    second = claims.claim_due(after=max(claim.school_id for claim in first))
    assert {claim.school_id for claim in first + second} == {school.pk for school in schools}


def test_a_school_whose_due_rows_are_all_taken_does_not_hide_the_next(school: School, other_school: School) -> None:
    fill(school, claims.ROWS_A_CLAIM)
    assert {claim.school_id for claim in claims.claim_due()} == {school.pk}
    fill(other_school, 1)
    assert [claim.school_id for claim in claims.claim_due()] == [other_school.pk]


def test_rows_of_one_school_come_in_the_order_in_which_they_are_due(school: School) -> None:
    order = []
    with registered("note", Applying(lambda row: order.append(row.payload["key"]))):
        put(school, "note", *range(20))
        drain()
    assert order == list(range(20))


def test_claims_probe_the_index_of_due_rows_and_read_no_others(school: School, other_school: School) -> None:
    """100 000 done rows and 3 000 for later must not make a claim slow: plan and time."""
    fill(other_school, 1)
    with as_owner(connections["default"].settings_dict["NAME"]) as owner:
        _insert_many(owner, school.pk)
    with connections["relay"].cursor() as cursor:
        at = clock.now()
        values = {"after": 0, "at": at, "until": at + claims.lease(), "rows": claims.ROWS_A_CLAIM}
        cursor.execute(f"EXPLAIN (FORMAT TEXT) {claims._CLAIM}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan" not in plan and "schools_outbox_due" in plan
    begun = time.monotonic()
    assert [claim.school_id for claim in claims.claim_due()] == [other_school.pk]
    assert time.monotonic() - begun < 0.5


def _insert_many(owner: psycopg.Connection[Any], school_id: int) -> None:
    # An autovacuum would be in the way of dropping the test's database.
    owner.execute("ALTER TABLE schools_outbox SET (autovacuum_enabled = false)")
    # The owner sees no rows of a table with forced row security, not even to insert; a policy for this one statement.
    owner.execute("CREATE POLICY filling ON schools_outbox TO CURRENT_USER USING (true) WITH CHECK (true)")
    try:
        for done, due, count in (("now()", "now()", 100_000), ("NULL", "now() + interval '1 day'", 3_000)):
            owner.execute(
                "INSERT INTO schools_outbox (school_id, kind, dedupe_key, payload, available_at, attempts, done_at,"
                f" last_error, created_at) SELECT {school_id}, 'note', '{done}' || n, '{{}}', {due}, 1, {done}, '',"
                f" now() FROM generate_series(1, {count}) n"
            )
        owner.execute("ANALYZE schools_outbox")
    finally:
        owner.execute("DROP POLICY filling ON schools_outbox")
