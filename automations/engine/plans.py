"""The outbox rows that carry runs on: a waiting run always has one that is not done."""

from datetime import datetime

from automations.models import Run
from kwiga.tokens import address_token
from schools.outbox.queue import enqueue

KIND = "automation.run"


def plan_first(run: Run, due: datetime | None = None) -> None:
    """Have a new run begin, at `due` or now."""
    enqueue(KIND, dedupe_key=f"run:{run.pk}:0", payload={"run": run.pk, "position": 0}, available_at=due)


def plan_next(run: Run, due: datetime | None = None) -> None:
    """Have the run go on at its position, at `due` or now. Said once, by whoever holds the run."""
    enqueue(
        KIND,
        dedupe_key=f"run:{run.pk}:{run.position}:{address_token()}",
        payload={"run": run.pk, "position": run.position},
        available_at=due,
    )
