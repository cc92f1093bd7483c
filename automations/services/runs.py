"""Runs as the team sees to them: tried again, stopped, started by hand."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from automations.engine.plans import plan_next
from automations.engine.stopping import stop_all
from automations.errors import NotByHand, RunRefused
from automations.models import Automation, Run, RunStep
from automations.reasons import BY_HAND
from automations.triggers import UnknownTrigger, trigger_of
from contacts.models import Contact
from schools.journal import record_event
from schools.models import User

PIECE = 500


@transaction.atomic
def retry_run(*, run: Run, actor: User | None) -> Run:
    """Try the failed step of a run again, and go on from there. Raises RunRefused."""
    locked = Run.objects.select_for_update(of=("self",), no_key=True).get(pk=run.pk)
    failed = locked.steps.filter(state=RunStep.State.FAILED).first()
    if locked.state != Run.State.FAILED or failed is None or locked.automation.state != Automation.State.ON:
        raise RunRefused
    if Run.objects.filter(
        automation=locked.automation_id, contact=locked.contact_id, about=locked.about, state=Run.State.WAITING
    ).exists():
        raise RunRefused
    failed.delete()
    locked.state, locked.reason, locked.finished_at, locked.position = Run.State.WAITING, "", None, failed.position
    locked.save(update_fields=["state", "reason", "finished_at", "position"])
    plan_next(locked)
    record_event("automation.run_retried", subject=locked.automation, actor=actor, data={"of": locked.pk})
    return locked


@transaction.atomic
def stop_run(*, run: Run, actor: User | None) -> None:
    """Stop a run that waits. Raises RunRefused."""
    if not stop_all(Run.objects.filter(pk=run.pk), BY_HAND):
        raise RunRefused
    record_event("automation.run_stopped", subject=run.automation, actor=actor, data={"of": run.pk})


@transaction.atomic
def start_for(*, automation: Automation, contacts: Iterable[Contact], actor: User | None) -> int:
    """Start the automation for these contacts, through the outbox; how many. Raises NotByHand."""
    live = automation.versions.filter(is_live=True).first()
    if automation.state != Automation.State.ON or live is None or not _may_by_hand(live.trigger):
        raise NotByHand
    ids = _ids_of(contacts)
    for at in range(0, len(ids), PIECE):
        record_event(
            "automation.started_by_hand", subject=automation, actor=actor, data={"contacts": ids[at : at + PIECE]}
        )
    return len(ids)


def _ids_of(contacts: Iterable[Contact]) -> list[int]:
    if isinstance(contacts, QuerySet):
        return sorted(set(contacts.values_list("pk", flat=True)))
    return sorted({contact.pk for contact in contacts})


def _may_by_hand(key: str) -> bool:
    try:
        return not trigger_of(key).gives
    except UnknownTrigger:
        return False
