"""Verbs of deliveries: outbox rows as staff see them."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from kwiga.errors import DomainError
from schools.journal import record_event
from schools.models import OutboxRow, User
from schools.outbox.poke import poke_after_commit


class NothingToRetry(DomainError):
    """The delivery has not failed, or somebody retried it a moment ago."""


@transaction.atomic
def retry_delivery(*, delivery_id: int, actor: User | None) -> None:
    """Give one failed delivery of the open scope's school a new set of attempts. Raises NothingToRetry."""
    if not _revive([delivery_id]):
        raise NothingToRetry(_("This delivery is not among the failed ones any more."))
    record_event("delivery.retried", actor=actor, data={"deliveries": [delivery_id]})


@transaction.atomic
def retry_failed_deliveries(*, actor: User | None) -> int:
    """Give every failed delivery of the open scope's school a new set of attempts; how many. Raises NothingToRetry."""
    failed = list(OutboxRow.objects.filter(dead_at__isnull=False).order_by("id").values_list("id", flat=True))
    count = _revive(failed)
    if not count:
        raise NothingToRetry(_("No delivery has failed."))
    record_event("delivery.retried", actor=actor, data={"count": count})
    return count


def _revive(ids: list[int]) -> int:
    # The condition is part of the UPDATE, so that of two people who press the button only one retries.
    dead = OutboxRow.objects.filter(id__in=ids, dead_at__isnull=False)
    count = dead.update(dead_at=None, attempts=0, locked_until=None, available_at=clock.now())
    if count:
        poke_after_commit()
    return count
