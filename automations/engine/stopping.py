"""Runs that end before their last step."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from automations.models import Automation, Run, RunStep
from automations.reasons import ERASED, SWITCHED_OFF
from contacts.models import Contact
from kwiga import clock
from kwiga.tokens import address_token
from schools.models import Event, OutboxRow
from schools.outbox.effects import TransactionalEffect
from schools.outbox.queue import enqueue

KIND = "automation.stop"
# So many are stopped while a person waits; of a hundred thousand the others follow.
PIECE = 1_000


class StopEffect(TransactionalEffect):
    """The next runs of an automation that was switched off."""

    label = _("Stop of an automation")

    def apply(self, row: OutboxRow) -> None:
        """Stop a piece, unless it was switched on again, which stopped the rest."""
        locked = Automation.objects.select_for_update(of=("self",), no_key=True)
        automation = locked.exclude(state=Automation.State.ON).filter(pk=row.payload["automation"]).first()
        if automation:
            stop_runs_of(automation)


def stop_runs_of(automation: Automation) -> None:
    """Stop the waiting runs of an automation that is not on: a piece of them now, the rest through the outbox.

    None of them goes on meanwhile (`advancing`). The caller holds the automation.
    """
    if stop_all(Run.objects.filter(automation=automation), SWITCHED_OFF, most=PIECE) == PIECE:
        key = f"automation:{automation.pk}:{address_token()}"
        enqueue(KIND, dedupe_key=key, payload={"automation": automation.pk})


def stop_runs_with(contact: Contact, reason: str = ERASED) -> int:
    """Stop every waiting run of a contact, as when the person is to be forgotten; how many."""
    return stop_all(Run.objects.filter(contact=contact), reason)


def stop_all(runs: QuerySet[Run], reason: str, most: int | None = None) -> int:
    """Stop those of the runs that wait, or so many; how many. A run that is worked at this moment is waited for.

    Rows of the outbox that were to carry them on find nothing to do.
    """
    waiting = runs.filter(state=Run.State.WAITING).order_by("pk")[:most]
    locked = list(waiting.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    at = clock.now()
    RunStep.objects.filter(run__in=locked, state=RunStep.State.WAITING).update(
        state=RunStep.State.SKIPPED, reason=reason, ended_at=at
    )
    return Run.objects.filter(pk__in=locked).update(state=Run.State.STOPPED, reason=reason, finished_at=at, due_at=None)


def end_runs_of_erased(event: Event) -> None:
    """A person who is to be forgotten is written no more."""
    stop_all(Run.objects.filter(contact=event.subject_id), ERASED)
