"""Lists of a large school: `python -m benchmarks.lists`.

A million orders and 200 000 contacts in one school, a thousand of each in another, in one database. The server's time
for the first page, page 1 000, filters, searches and lists of contacts, as the owner reads them, each beside the small
school's.
"""

import logging
import os
import statistics
import time
from typing import Any

import psycopg

from benchmarks import people
from benchmarks.ground import ground

LARGE, SMALL = ("sampleschool", 1_000_000, 200_000), ("otherschool", 1_000, 1_000)
TIMES = 7
TARGET_MS = 150
PAGE = 1_000
QUIET = ("contacts_contact", "orders_order", "courses_access")
ORDERS = """
    INSERT INTO orders_order (school_id, contact_id, offer_id, number, source, state, buyer_email, buyer_name,
        buyer_phone, answers, language, utm, currency, subtotal_minor, discount_minor, total_minor, idempotency_key,
        fingerprint, pay_digest, pay_salt, seat, close_reason, is_test, reason, paid_at, created_at)
    SELECT %(school)s, known.first + n %% %(contacts)s, %(offer)s, 'B' || upper(lpad(to_hex(n), 7, '0')), 'checkout',
        (ARRAY['paid', 'paid', 'paid', 'pending', 'canceled', 'expired', 'refunded'])[1 + n %% 7],
        'bulk' || n %% %(contacts)s || '@example.test', 'Name' || n %% 997 || ' Family' || n %% 5003, '', '[]', 'en',
        '{}', 'UAH', 120000, 0, 120000, 'bulk' || n, '', 'bulk' || n, '', 'none', '', false, '', now(),
        now() - n * interval '20 seconds'
    FROM generate_series(1, %(orders)s) n,
        (SELECT min(id) AS first FROM contacts_contact WHERE school_id = %(school)s AND email LIKE 'bulk%%') known
"""
WORDS = (
    "SELECT %(school)s, 'order', lower(number), id FROM orders_order WHERE idempotency_key LIKE 'bulk%%'",
    "SELECT %(school)s, 'order', lower(split_part(buyer_name, ' ', 2)), id FROM orders_order "
    "WHERE idempotency_key LIKE 'bulk%%'",
    # Everybody bought the same thing: the worst word to look for.
    "SELECT %(school)s, 'order', 'english', id FROM orders_order WHERE idempotency_key LIKE 'bulk%%'",
    "SELECT %(school)s, 'contact', email, id FROM contacts_contact WHERE email LIKE 'bulk%%'",
    "SELECT %(school)s, 'contact', lower(split_part(name, ' ', 2)), id FROM contacts_contact WHERE email LIKE 'bulk%%'",
)
LISTS = {
    "orders: first page": "orders/",
    f"orders: page {PAGE}": "orders/?after={orders_cursor}",
    "orders: state": "orders/?state=refunded",
    "orders: state and days": "orders/?state=paid&since={day}&until={day}",
    "orders: offer": "orders/?offer={offer}",
    "orders: number": "orders/?q=B00001",
    "orders: a name": "orders/?q=family42",
    "orders: everybody's word": "orders/?q=english",
    "orders: two words": "orders/?q=english+family4242",
} | people.LISTS


def main() -> None:
    with ground() as environment:
        import django

        os.environ["DJANGO_SETTINGS_MODULE"] = "kwiga.settings"
        django.setup()
        logging.disable(logging.INFO)
        begun = time.monotonic()
        with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as owner:
            quiet(owner, "DISABLE")
            for slug, orders, contacts in (SMALL, LARGE):
                fill(slug, orders, contacts)
            quiet(owner, "ENABLE")
            owner.execute("VACUUM ANALYZE")
        print(f"filled in {time.monotonic() - begun:.0f} s")
        report()


def quiet(owner: "psycopg.Connection[Any]", verb: str) -> None:
    """The history of rows is not what is measured, and would double what lies on the disk."""
    for table in QUIET:
        owner.execute(f"ALTER TABLE {table} {verb} TRIGGER USER")


def fill(slug: str, orders: int, contacts: int) -> None:
    """Rows and the words they are found by, in the school's own scope."""
    from django.db import connection

    from courses.models import Course
    from offers.models import Offer
    from schools.models import School
    from schools.tenancy.scope import school_scope

    school = School.objects.get(slug=slug)
    with school_scope(school), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        offer, course = Offer.objects.order_by("pk")[0], Course.objects.order_by("pk")[0]
        facts = {"school": school.pk, "offer": offer.pk, "course": course.pk, "orders": orders, "contacts": contacts}
        for rows in (people.CONTACTS, ORDERS, *people.FACTS):
            cursor.execute(rows, facts)
        for token, conditions in people.dynamic_rows(course.token):
            cursor.execute(people.DYNAMIC_ROW, facts | {"token": token, "conditions": conditions})
        for words in WORDS:
            cursor.execute(f"INSERT INTO schools_searchword (school_id, kind, word, object_id) {words}", facts)


def report() -> None:
    """A line for each list: the large school's time, the small one's, and whether it is within reach."""
    large, small = times_of(LARGE[0]), times_of(SMALL[0])
    print(f"{'list':<28}{'1 M, ms':>9}{'1 k, ms':>9}{'statements':>12}")
    for name, (milliseconds, statements) in large.items():
        verdict = "" if milliseconds <= TARGET_MS else f"  above {TARGET_MS} ms"
        print(f"{name:<28}{milliseconds:>9.0f}{small[name][0]:>9.0f}{statements:>12}{verdict}")


def times_of(slug: str) -> dict[str, tuple[float, int]]:
    """Median milliseconds and statements of each list, as the owner of the school reads it in this process."""
    from django.db import connection
    from django.test import Client

    from schools.models import User

    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(email=f"owner@{slug}.test"))
    words = _cursors(slug)
    found = {}
    for name, path in LISTS.items():
        address = f"/{slug}/{path.format(**words)}"
        _read(client, address)
        asked: list[str] = []
        with connection.execute_wrapper(_counting(asked)):
            _read(client, address)
        found[name] = (statistics.median(_read(client, address) for _ in range(TIMES)), len(asked))
    return found


def _counting(asked: list[str]) -> Any:
    def count(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    return count


def _read(client: Any, address: str) -> float:
    begun = time.monotonic()
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return (time.monotonic() - begun) * 1000


def _cursors(slug: str) -> dict[str, str]:
    """What stands in the addresses: where page 1 000 begins (or the last one), a day, an offer."""
    from contacts.models import Contact
    from kwiga.paging import PAGE_SIZE
    from offers.models import Offer
    from orders.models import Order
    from schools.models import School
    from schools.tenancy.scope import school_scope

    with school_scope(School.objects.get(slug=slug)):
        rows = [model.objects.order_by("-created_at", "-id") for model in (Order, Contact)]
        places = [min((PAGE - 1) * PAGE_SIZE, row.count() - PAGE_SIZE) for row in rows]
        last = [row[place] for row, place in zip(rows, places, strict=True)]
        cursors = [f"{int(row.created_at.timestamp() * 1_000_000)}-{row.pk}" for row in last]
        return {
            "orders_cursor": cursors[0],
            "contacts_cursor": cursors[1],
            "day": f"{last[0].created_at:%Y-%m-%d}",
            "offer": Offer.objects.order_by("pk")[0].token,
        }


if __name__ == "__main__":
    main()
