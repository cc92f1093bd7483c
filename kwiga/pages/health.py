"""`/livez`: the process answers. `/readyz`: it can do its work."""

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

_migrated = False


def livez(request: HttpRequest) -> HttpResponse:
    """200 while the process can answer at all."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers and is migrated, else 503. Redis is reported, not required: pages work without."""
    checks = {"database": _database(), "migrations": False, "redis": _redis()}
    checks["migrations"] = checks["database"] and _migrations()
    ready = checks["database"] and checks["migrations"]
    return JsonResponse(checks, status=200 if ready else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    except DatabaseError:
        return False


def _migrations() -> bool:
    global _migrated  # once migrated, a process stays so: a deployment starts new ones
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated


def _redis() -> bool:
    return cache.answers()  # type: ignore[attr-defined, no-any-return]
