"""What must be true of the data whatever happened: SQL that returns no row (trust 4.5), looked at as role ops.

Each app keeps its own in `<app>/invariants/*.sql`. A file begins with a comment that says the rule in one sentence and
selects ids of what breaks it, never personal data. The rows of a file `*.generated.sql` are queries to run.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connections, transaction

_GENERATED = ".generated"


@dataclass(frozen=True)
class Invariant:
    """One rule. `generates` means that the rows of its SQL are queries to run."""

    app: str
    name: str
    sentence: str
    sql: str
    generates: bool


@dataclass(frozen=True)
class Finding:
    """What a look at one rule found: the rows that break it."""

    invariant: Invariant
    rows: list[tuple[Any, ...]]


def find_invariants() -> Iterator[Invariant]:
    """The rules of all installed apps, by app and file name."""
    for app in apps.get_app_configs():
        for path in sorted((Path(app.path) / "invariants").glob("*.sql")):
            yield _read(app.label, path)


def check_invariants(names: Iterable[str] = ()) -> list[Finding]:
    """Look at the rules of these names, or at all, in one snapshot of the database. Needs the alias ops.

    Raises LookupError with the first name that no rule has.
    """
    found = {invariant.name: invariant for invariant in find_invariants()}
    for name in names:
        if name not in found:
            raise LookupError(name)
    wanted = [found[name] for name in names] or found.values()
    with transaction.atomic(using="ops"), connections["ops"].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return [Finding(invariant, broken_rows(cursor, invariant)) for invariant in wanted]


def broken_rows(cursor: Any, invariant: Invariant) -> list[tuple[Any, ...]]:
    """The rows that break the rule, asked through that cursor."""
    cursor.execute(invariant.sql)
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    if not invariant.generates:
        return rows
    broken = []
    for (query,) in rows:
        cursor.execute(query)
        broken += cursor.fetchall()
    return broken


def _read(app: str, path: Path) -> Invariant:
    text = path.read_text()
    words = [line.removeprefix("--").strip() for line in text.splitlines() if line.startswith("--")]
    name = path.stem.removesuffix(_GENERATED)
    return Invariant(app, name, " ".join(words), text, path.stem.endswith(_GENERATED))
