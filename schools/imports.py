"""Files that become rows: kept line by line when they are read, worked in pieces that survive a kill (trust F2, I12).

An app brings two models: the import (`started_at`, `finished_at`, `created_by`) and its lines (`number`, `cells`,
`state`, `error`), and an effect that works some lines. A piece and the marks of its lines are one transaction, so each
line is worked once.
"""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from kwiga import clock, csv
from schools.journal import record_event
from schools.models import OutboxRow, School, User
from schools.outbox.effects import TransactionalEffect
from schools.outbox.queue import enqueue
from schools.tenancy.scope import current_school_id

WAITING, MADE, REFUSED = "waiting", "made", "refused"


class ImportEffect(TransactionalEffect):
    """The next lines of an import, in the language and the time zone of the school."""

    kind: ClassVar[str]
    imports: ClassVar[type[Model]]
    piece: ClassVar[int] = 500

    @abstractmethod
    def lines_of(self, kept: Any) -> QuerySet[Any, Any]:
        """All lines of the import."""

    @abstractmethod
    def work(self, kept: Any, lines: Sequence[Any]) -> None:
        """Make of these lines what they say, and mark each as made or refused."""

    def finish(self, kept: Any) -> None:
        """What is to be done when no line waits any more."""

    def apply(self, row: OutboxRow) -> None:
        """Work what is waiting; the rest is the next row's."""
        kept = _objects(self.imports).select_related("created_by").get(pk=row.payload["import"])
        waiting = self.lines_of(kept).filter(state=WAITING, number__gt=row.payload["behind"])
        lines = list(waiting.order_by("number")[: self.piece])
        school = School.objects.get(pk=current_school_id())
        with timezone.override(school.time_zone), translation.override(school.language):
            self.work(kept, lines)
        if len(lines) == self.piece:
            _next_piece(self.kind, kept, lines[-1].number)
        else:
            kept.finished_at = clock.now()
            kept.save(update_fields=["finished_at"])
            self.finish(kept)


def start(effect: ImportEffect, kept: Any, *, event: str, actor: User | None) -> Any:
    """Have the worker work the lines of an import; asked twice it starts once. Within a transaction."""
    locked = _objects(effect.imports).select_for_update(of=("self",)).get(pk=kept.pk)
    if locked.started_at is None:
        locked.started_at = clock.now()
        locked.save(update_fields=["started_at"])
        _next_piece(effect.kind, locked, 0)
        record_event(event, actor=actor, data={"import": locked.pk})
    return locked


def progress_of(kept: Any, lines: QuerySet[Any, Any]) -> dict[str, Any]:
    """Counts by state, and from them rate (lines a second) and seconds left."""
    states = [value for value in lines.model.State.values if value != WAITING]
    by_state = {state: Count("pk", filter=Q(state=state)) for state in states}
    counts = lines.aggregate(total=Count("pk"), doubtful=Count("pk", filter=~Q(error="")), **by_state)
    done = sum(counts[state] for state in states)
    seconds = ((kept.finished_at or clock.now()) - kept.started_at).total_seconds() if kept.started_at else 0
    rate = done / seconds if seconds > 0 else 0
    return counts | {
        "good": counts["total"] - counts["doubtful"],
        "done": done,
        "rate": round(rate),
        "left": round((counts["total"] - done) / rate) if rate else None,
    }


def errors_file(name: str, columns: Sequence[str], lines: Iterable[Any]) -> HttpResponse:
    """The lines that were refused, as a file to correct and import again; each ends with its number and the reason."""
    text = [csv.head([*columns, _("Line"), _("Reason")])]
    for line in lines:
        text.append(csv.line_of([*(line.cells.get(column, "") for column in columns), str(line.number), line.error]))
    response = HttpResponse("".join(text), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _next_piece(kind: str, kept: Any, behind: int) -> None:
    enqueue(kind, dedupe_key=f"import:{kept.pk}:{behind}", payload={"import": kept.pk, "behind": behind})


def _objects(model: type[Model]) -> Any:
    return model._default_manager
