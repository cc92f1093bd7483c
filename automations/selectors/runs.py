"""The runs of an automation, narrowed to what is looked for."""

from typing import Any

from django.db.models import QuerySet

from automations.models import Automation, Run
from contacts.selectors import contacts_matching


def runs_of(automation: Automation, filters: dict[str, Any]) -> QuerySet[Run]:
    """Runs in no order; `filters` may hold state, reason, text (of the person), since and until, `[since, until)`."""
    runs: QuerySet[Run] = Run.objects.filter(automation=automation)
    for name in ("state", "reason"):
        if filters.get(name):
            runs = runs.filter(**{name: filters[name]})
    if filters.get("since"):
        runs = runs.filter(started_at__gte=filters["since"])
    if filters.get("until"):
        runs = runs.filter(started_at__lt=filters["until"])
    if text := str(filters.get("text") or "").strip():
        runs = runs.filter(contact__in=contacts_matching(text, {}).values("pk"))
    return runs
