"""Outbox rows a second: `python -m benchmarks.outbox`.

5 000 events of two schools drained by the product's worker (two processes), beside the bare statements of claiming
and finishing a row on one connection of the same database.
"""

import os
import time
from typing import Any

import psycopg

from benchmarks.ground import ground, per_second, resident_megabytes, running

ROWS = 5_000
CLAIM = (
    "UPDATE schools_outbox SET attempts = attempts + 1 WHERE id = (SELECT id FROM schools_outbox "
    "WHERE done_at IS NULL ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING id"
)
WORKER = ["celery", "--app", "kwiga.celery", "worker", "--concurrency", "2", "--prefetch-multiplier", "1"]


def main() -> None:
    with ground() as environment:
        import django

        os.environ["DJANGO_SETTINGS_MODULE"] = "kwiga.settings"
        django.setup()
        fill()
        with psycopg.connect(environment["RELAY_DATABASE_URL"], autocommit=True) as relay:
            bare = per_second(lambda: bare_row(relay), 3.0)
        with running([WORKER, ["celery", "--app", "kwiga.celery", "beat"]], environment) as (worker, _beat):
            rate = drained_per_second()
            print(f"drained {rate:.0f} rows/s with 2 processes; bare claim and finish {bare:.0f}/s on one connection")
            print(f"ratio {rate / bare:.0%}; worker {resident_megabytes(worker.pid):.0f} MB resident")


def fill() -> None:
    from schools.journal import record_event
    from schools.models import School
    from schools.tenancy.scope import school_scope

    for school in School.objects.all():
        with school_scope(school):
            for _ in range(ROWS // 2):
                record_event("benchmark.happened")


def bare_row(relay: psycopg.Connection[Any]) -> None:
    with relay.transaction(force_rollback=True):
        relay.execute(CLAIM)
        relay.execute("UPDATE schools_outbox SET done_at = now() WHERE id = (SELECT min(id) FROM schools_outbox)")


def drained_per_second() -> float:
    """Rows a second from the first finished one to the last."""
    with psycopg.connect(os.environ["OPS_DATABASE_URL"], autocommit=True) as ops:
        while left(ops) == ROWS:
            time.sleep(0.05)
        begun, first = time.monotonic(), left(ops)
        while left(ops):
            time.sleep(0.05)
        return first / (time.monotonic() - begun)


def left(ops: psycopg.Connection[Any]) -> int:
    row = ops.execute("SELECT count(*) FROM schools_outbox WHERE done_at IS NULL AND dead_at IS NULL").fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
