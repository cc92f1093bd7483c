"""What the fences cost: `python -m benchmarks.isolation`.

The same lookup of an offer by its address, as the app in a school's scope (transaction, setting, policy) and on a bare
connection with the school in the WHERE clause; and a list of 50 in a school of 20 000 offers.
"""

import os
from typing import Any

import psycopg

from benchmarks.ground import ground, per_second

SECONDS = 3.0
CROWD = (
    "INSERT INTO offers_offer (school_id, token, title, description, price_minor, currency, status, created_at, "
    "updated_at) SELECT %s, lpad(n::text, 12, 'x'), 'Offer', '', 100, 'UAH', 'published', "
    "now() - n * interval '1 minute', now() FROM generate_series(1, 20000) n"
)
LOOKUP = "SELECT * FROM offers_offer WHERE school_id = %s AND token = %s"
LIST = "SELECT * FROM offers_offer WHERE school_id = %s ORDER BY created_at DESC, id DESC LIMIT 50"


def main() -> None:
    with ground():
        import django

        os.environ["DJANGO_SETTINGS_MODULE"] = "kwiga.settings"
        django.setup()
        measure()


def measure() -> None:
    from django.db import connection

    from schools.models import School
    from schools.tenancy.scope import school_scope

    school = School.objects.get(slug="sampleschool")
    with school_scope(school), connection.cursor() as cursor:
        cursor.execute(CROWD, [school.pk])
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        owner.execute("ANALYZE")
    with psycopg.connect(os.environ["OPS_DATABASE_URL"], autocommit=True) as bare:
        token = "TnHG7QjEFukO"  # noqa: S105  an address, not a secret
        compare("lookup", lambda: in_scope(school, LOOKUP, token), lambda: bare.execute(LOOKUP, [school.pk, token]))
        compare("list of 50", lambda: in_scope(school, LIST), lambda: bare.execute(LIST, [school.pk]))


def in_scope(school: Any, sql: str, *arguments: str) -> None:
    from django.db import connection

    from schools.tenancy.scope import school_scope

    with school_scope(school), connection.cursor() as cursor:
        cursor.execute(sql, [school.pk, *arguments])
        cursor.fetchall()


def compare(name: str, scoped: Any, bare: Any) -> None:
    """Print both rates and their ratio; the bare one is measured before and after, and the mean taken."""
    first, fenced, second = per_second(bare, SECONDS), per_second(scoped, SECONDS), per_second(bare, SECONDS)
    plain = (first + second) / 2
    print(f"{name:<12}{fenced:>8.0f}/s in a scope{plain:>10.0f}/s bare{fenced / plain:>8.0%}")


if __name__ == "__main__":
    main()
