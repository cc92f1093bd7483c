"""Which rows seeding made."""

from django.db import models

from schools.models import DemoRow
from schools.tenancy.scope import current_school_id


class MadeRows:
    """Collects what is made; `keep` writes it down at the end."""

    def __init__(self) -> None:
        self._rows: list[DemoRow] = []

    def add[Row: models.Model](self, row: Row) -> Row:
        """Note a row of the open scope's school, and hand it on."""
        kind = row._meta.model_name or ""
        self._rows.append(DemoRow(school_id=current_school_id(), kind=kind, object_id=row.pk))
        return row

    def keep(self) -> None:
        """Write down what was made, and that it was."""
        done = DemoRow(school_id=current_school_id(), kind=DemoRow.SEEDED, object_id=current_school_id())
        DemoRow.objects.bulk_create([*self._rows, done], ignore_conflicts=True)


def was_seeded() -> bool:
    """Whether the open scope's school was filled before, be it empty again by now."""
    return DemoRow.objects.filter(kind=DemoRow.SEEDED).exists()


def made(kind: str) -> models.QuerySet[DemoRow, int]:
    """Ids of the rows of this kind that seeding made in the open scope's school."""
    return DemoRow.objects.filter(kind=kind).values_list("object_id", flat=True)
