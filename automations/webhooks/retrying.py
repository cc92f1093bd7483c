"""Verbs of the log of calls."""

from collections.abc import Iterable

from django.db import transaction

from automations.models import WebhookDelivery
from automations.sealing import reseal
from automations.webhooks.send import KIND, dedupe_key
from kwiga import vault
from schools.models import OutboxRow, User
from schools.services.deliveries import retry_delivery


@transaction.atomic
def retry_call(*, delivery: WebhookDelivery, actor: User | None) -> None:
    """Give a call that was given up a new set of tries, under its old id. Raises NothingToRetry."""
    row = OutboxRow.objects.filter(kind=KIND, dedupe_key=dedupe_key(delivery)).first()
    retry_delivery(delivery_id=row.pk if row else 0, actor=actor)
    WebhookDelivery.objects.filter(pk=delivery.pk).update(state=WebhookDelivery.State.WAITING, ended_at=None)


def tell_outbox(deliveries: Iterable[WebhookDelivery]) -> None:
    """Give each delivery `is_dead`, `is_open` and `last_error` of its row in the outbox, which knows best.

    A worker may have died, and the page of deliveries may have tried it again.
    """
    rows = list(deliveries)
    keys = [dedupe_key(each) for each in rows]
    found = OutboxRow.objects.filter(kind=KIND, dedupe_key__in=keys).only(
        "dedupe_key", "dead_at", "done_at", "last_error"
    )
    by_key = {row.dedupe_key: row for row in found}
    for each in rows:
        row = by_key.get(dedupe_key(each))
        each.is_dead = bool(row and row.dead_at)  # type: ignore[attr-defined]
        each.is_open = bool(row and not row.dead_at and not row.done_at)  # type: ignore[attr-defined]
        each.last_error = row.last_error if row else ""  # type: ignore[attr-defined]


@transaction.atomic
def rotate_waiting_calls() -> int:
    """Seal the calls that wait in the open scope's school again under the first key; answers how many."""
    count = 0
    for row in OutboxRow.objects.filter(kind=KIND, done_at=None).order_by("id").select_for_update(of=("self",)):
        if not vault.is_current(row.payload["sealed"]):
            sealed = reseal(row.payload["sealed"], f"{KIND}:{row.dedupe_key}")
            row.payload = row.payload | {"sealed": sealed}
            row.save(update_fields=["payload"])
            count += 1
    return count
