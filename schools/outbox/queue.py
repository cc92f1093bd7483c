"""Putting work into the outbox."""

from datetime import datetime
from typing import Any

from schools.models import OutboxRow
from schools.outbox.poke import poke_after_commit
from schools.tenancy.scope import current_school_id


def enqueue(kind: str, *, dedupe_key: str, payload: dict[str, Any], available_at: datetime | None = None) -> None:
    """Write one row in the open scope's transaction; a second row with the same kind and key is dropped.

    It becomes due at `available_at` (now by default). The worker is told after the commit, and finds it anyway.
    """
    fields = {"available_at": available_at} if available_at else {}
    row = OutboxRow(school_id=current_school_id(), kind=kind, dedupe_key=dedupe_key, payload=payload, **fields)
    OutboxRow.objects.bulk_create([row], ignore_conflicts=True)
    if not available_at:
        poke_after_commit()
