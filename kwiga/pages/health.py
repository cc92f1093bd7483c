"""`/livez`: the process answers. `/readyz`: it can do its work."""

from typing import Any

from django.core.cache import cache
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

from kwiga import clock
from schools.outbox.pulse import last_pulse

_migrated = False


def livez(request: HttpRequest) -> HttpResponse:
    """200 while the process can answer at all."""
    return HttpResponse("ok", content_type="text/plain", headers={"Cache-Control": "no-store"})


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and is migrated, else 503.

    Redis and the outbox are reported, not required: pages work without them, and another web process would not help.
    """
    database = _answers()
    migrated = database and _is_migrated()
    report = {
        "database": database,
        "migrations": migrated,
        "redis": cache.answers(),  # type: ignore[attr-defined]
        "outbox": _outbox() if migrated else None,
    }
    return JsonResponse(report, status=200 if migrated else 503, headers={"Cache-Control": "no-store"})


def _answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    except Error:
        return False


def _is_migrated() -> bool:
    global _migrated  # once migrated, a process stays so: a deployment starts new ones
    if not _migrated:
        try:
            executor = MigrationExecutor(connection)
            _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        except Error:
            return False
    return _migrated


def _outbox() -> dict[str, Any] | None:
    """What a worker last said about the outbox, in seconds; None when none has for a day, or Redis is away.

    Web itself may not look: its role sees one school's rows at a time.
    """
    pulse = last_pulse()
    if pulse is None:
        return None
    said_ago = (clock.now() - pulse.at).total_seconds()
    return {"oldest_wait_seconds": pulse.oldest_wait_seconds, "reported_seconds_ago": max(0, round(said_ago))}
