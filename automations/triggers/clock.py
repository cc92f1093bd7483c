"""What the rules of the clock share: rows of a table whose time has come, found in windows that follow each other."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from automations.calendar import days_later, school_zone
from automations.triggers.registry import Occurrence, Settings


class RowRule:
    """Occurrences are rows: `rows` came due in `(since, until]`, `occurrence` says what each means (None: nothing)."""

    def rows(self, settings: Settings, since: datetime, until: datetime) -> "QuerySet[Any]":
        raise NotImplementedError

    def occurrence(self, row: Any, settings: Settings) -> Occurrence | None:
        raise NotImplementedError

    def next_due(self, settings: Settings, after: datetime) -> datetime | None:
        """When the next row that can be foreseen comes due; None when it need not be exact."""
        return None


def shifted(instant: datetime, days: int) -> datetime:
    """The same time of day so many days later, in the zone of the open scope's school."""
    return days_later(instant, days, school_zone())
