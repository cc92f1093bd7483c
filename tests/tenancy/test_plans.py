"""The hot queries of a small school stay small beside a large one (trust 3.7-9, 3.8): each goes in by the school."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.offers import PublishedOfferFactory
from tests.support.database import as_owner
from tests.support.guards import tenant_tables

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

CROWD = 20_000
ROWS_LOOKED_AT_IN_VAIN = 1_000
# Table, columns, and what row number n holds; {key} differs between two fillings.
CROWDS = [
    (
        "offers_offer",
        "token, title, summary, description, category, status, is_listed, position, is_highlighted, difference, "
        "price_minor, currency, allows_coupons, coupon_on_promo, seats_taken, once_per_contact, language, "
        "guest_checkout, phone, thank_you_text, thank_you_url, open_for_unit, created_at, updated_at",
        "lpad(n::text, 12, '{key}'), 'Offer', '', '', '', 'published', true, 0, false, '', "
        "100, 'UAH', true, false, 0, false, '', true, 'no', '', '', 'days', now() - n * interval '1 min', now()",
    ),
    (
        "schools_event",
        "kind, subject_kind, subject_id, data, created_at",
        "'offer.created', 'offer', n, '{{}}', now() - n * interval '1 min'",
    ),
    (
        "schools_outbox",
        "kind, dedupe_key, payload, available_at, attempts, last_error, created_at, done_at, dead_at",
        "'event', '{key}' || n, '{{}}', now(), 1, '', now() - n * interval '1 min', "
        "CASE WHEN n % 4 > 0 THEN now() END, CASE WHEN n % 4 = 0 THEN now() END",
    ),
]
LARGE = {table for table, _columns, _values in CROWDS}


@pytest.fixture
def crowded(school: School, other_school: School, database_name: str) -> School:
    """The small school has three of everything, the other twenty thousand, written before and after."""
    fill(other_school, CROWD // 2, key="x")
    for _ in range(3):
        PublishedOfferFactory(school=school)
    fill(other_school, CROWD // 2, key="y")
    with as_owner(database_name) as owner:
        owner.execute("ANALYZE")
    return school


def fill(school: School, count: int, key: str) -> None:
    with school_scope(school), connection.cursor() as cursor:
        for table, columns, values in CROWDS:
            row = f"{school.pk}, {values.format(key=key)}"
            cursor.execute(
                f"INSERT INTO {table} (school_id, {columns}) SELECT {row} FROM generate_series(1, {count}) n"
            )


def hot_queries(client: Any, visitor: Any, school: School) -> list[tuple[str, str]]:
    """Every SELECT of the busiest pages of the school, with the page it belongs to."""
    token = client.get("/green/offers/").context["page"].rows[0].token
    pages = ["/green/", "/green/offers/", "/green/offers/?status=published", f"/green/offers/{token}/"]
    pages += ["/green/activity/", "/green/deliveries/", "/green/deliveries/?state=waiting", "/green/settings/team/"]
    found = [query for page in pages for query in selects(client, page)]
    return found + [query for page in ("/", f"/o/{token}") for query in selects(visitor, page)]


def selects(client: Any, page: str) -> list[tuple[str, str]]:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(page).status_code == 200
    return [(page, query["sql"]) for query in captured if query["sql"].startswith("SELECT") and "FROM" in query["sql"]]


def scans(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "Relation Name" in plan:
        yield plan
    for child in plan.get("Plans", []):
        yield from scans(child)


def plan_of(sql: str, school: School) -> dict[str, Any]:
    with school_scope(school), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        answer = cursor.fetchone()[0]
    return (answer if isinstance(answer, list) else json.loads(answer))[0]["Plan"]


def wasteful(queries: list[tuple[str, str]], school: School, large: set[str]) -> list[str]:
    """Scans of a large table that do not go in by the school, or look at many rows in vain."""
    found = []
    for page, sql in queries:
        for scan in scans(plan_of(sql, school)):
            by_school = "school_id" in scan.get("Index Cond", "") or scan["Node Type"] == "Bitmap Heap Scan"
            removed = scan.get("Rows Removed by Filter", 0)
            if scan["Relation Name"] in large and not (by_school and removed <= ROWS_LOOKED_AT_IN_VAIN):
                found.append(f"{page}: {scan['Node Type']} on {scan['Relation Name']}, {removed} rows in vain")
    return found


def test_hot_queries_go_in_by_the_school(crowded, owner, staff, visitor, database_name):
    with as_owner(database_name) as connected:
        assert set(tenant_tables(connected)) >= LARGE
    queries = hot_queries(staff(owner), visitor(crowded), crowded)
    assert {table for _page, sql in queries for table in LARGE if table in sql} == LARGE
    assert wasteful(queries, crowded, LARGE) == []


def test_a_query_by_primary_key_order_is_found_wasteful(crowded):
    """The control: the newest rows by bare id, as a neighbor's import leaves them (trust M8)."""
    query = "SELECT * FROM offers_offer ORDER BY id DESC LIMIT 50"
    with school_scope(crowded), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('enable_sort', 'off', true)")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}")
        plan = cursor.fetchone()[0]
    scan = next(scans((plan if isinstance(plan, list) else json.loads(plan))[0]["Plan"]))
    assert scan.get("Rows Removed by Filter", 0) > ROWS_LOOKED_AT_IN_VAIN
