"""When each connection is compared with its provider: hourly, by an outbox row that puts the next one."""

from datetime import datetime, timedelta

from kwiga import clock
from orders.models import PaymentConnection
from schools.outbox.queue import enqueue

KIND = "reconcile"
INTERVAL = timedelta(hours=1)


def begin(connection: PaymentConnection) -> None:
    """Put the first comparison of a new connection into the outbox; each one puts the next."""
    at = clock.now()
    plan(connection.pk, due=at + INTERVAL, since=at)


def plan(connection_id: int, *, due: datetime, since: datetime) -> None:
    """One comparison at `due` of everything that moved at the provider from `since` on."""
    enqueue(
        KIND,
        dedupe_key=f"connection:{connection_id}:{due.isoformat()}",
        payload={"connection": connection_id, "since": since.isoformat()},
        available_at=due,
    )
