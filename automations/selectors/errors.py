"""Why somebody did not get what an automation promises, counted by name (C35)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet
from django.utils.functional import Promise

from automations.models import Automation, Run
from automations.reasons import LOOP, MAX_RUNS, ONCE, PAUSE, UNDER_WAY, sentence_for

# Somebody was not let in because of a limit; being for other people is no error.
LIMITS = (ONCE, PAUSE, MAX_RUNS, LOOP, UNDER_WAY)


@dataclass(frozen=True)
class ErrorCount:
    """One kind of error: its code, what it means, how often, and when last."""

    reason: str
    sentence: str | Promise
    number: int
    last_at: datetime


def errors_of(
    *, automation: Automation | None = None, since: datetime | None = None, until: datetime | None = None
) -> Sequence[ErrorCount]:
    """Errors of one automation, or of all, in `[since, until)`, the most frequent first; each run counts once."""
    rows = erring_runs(automation=automation, since=since, until=until).order_by().values("reason")
    counted = rows.annotate(number=Count("pk"), last_at=Max("started_at"))
    found = [ErrorCount(row["reason"], sentence_for(row["reason"]), row["number"], row["last_at"]) for row in counted]
    return sorted(found, key=lambda error: (-error.number, error.reason))


def erring_runs(
    *, automation: Automation | None = None, since: datetime | None = None, until: datetime | None = None
) -> QuerySet[Run]:
    """The runs behind the counts: failed ones, and those that a limit did not let in."""
    runs: QuerySet[Run] = Run.objects.filter(Q(state=Run.State.FAILED) | Q(reason__in=LIMITS))
    if automation:
        runs = runs.filter(automation=automation)
    if since:
        runs = runs.filter(started_at__gte=since)
    return runs.filter(started_at__lt=until) if until else runs
