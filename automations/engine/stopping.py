"""Runs that end before their last step."""

from django.db.models import QuerySet

from automations.models import Automation, Run, RunStep
from automations.reasons import ERASED
from contacts.models import Contact
from kwiga import clock
from schools.models import Event


def stop_runs_of(automation: Automation, reason: str) -> int:
    """Stop every waiting run of an automation; how many. Rows of the outbox find nothing to do."""
    return stop_all(Run.objects.filter(automation=automation), reason)


def stop_runs_with(contact: Contact, reason: str = ERASED) -> int:
    """Stop every waiting run of a contact, as when the person is to be forgotten; how many."""
    return stop_all(Run.objects.filter(contact=contact), reason)


def stop_all(runs: QuerySet[Run], reason: str) -> int:
    """Stop those of the runs that wait; how many. A run that is worked at this moment is waited for."""
    waiting = runs.filter(state=Run.State.WAITING).order_by("pk")
    locked = list(waiting.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    at = clock.now()
    RunStep.objects.filter(run__in=locked, state=RunStep.State.WAITING).update(
        state=RunStep.State.SKIPPED, reason=reason, ended_at=at
    )
    return Run.objects.filter(pk__in=locked).update(state=Run.State.STOPPED, reason=reason, finished_at=at, due_at=None)


def end_runs_of_erased(event: Event) -> None:
    """A person who is to be forgotten is written no more."""
    stop_all(Run.objects.filter(contact=event.subject_id), ERASED)
