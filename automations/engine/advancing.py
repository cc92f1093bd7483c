"""A run goes on: all its steps until one waits, in the one transaction of its outbox row."""

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from automations import reasons
from automations.actions import Outcome, StepFailed, UnknownAction, action_of
from automations.engine.paid import is_paid_meanwhile
from automations.engine.plans import plan_next
from automations.models import Automation, Run, RunStep, Step
from contacts.models import Contact
from kwiga import clock
from kwiga.errors import DomainError
from schools.journal import caused_by, recorded_together
from schools.models import OutboxRow
from schools.outbox.claims import ATTEMPTS
from schools.outbox.effects import NotYet, TransactionalEffect
from schools.tenancy.statements import Given, Statement

logger = structlog.get_logger("automations")


Performer = Callable[[Run, Step, RunStep], Outcome]

_ID = Given("run", models.BigIntegerField())
_CONTACT = Statement(lambda: Contact.objects.select_for_update(of=("self",), no_key=True).filter(runs=_ID))
_RUN = Statement(
    lambda: (
        Run.objects.select_related("automation", "version", "contact")
        .select_for_update(of=("self",), no_key=True)
        .filter(pk=_ID, state=Run.State.WAITING)
    )
)
_STEPS = Statement(lambda: Step.objects.filter(version=Given("version", models.BigIntegerField())))
_WAITING = Statement(lambda: RunStep.objects.filter(run=_ID, state=RunStep.State.WAITING))


class RunEffect(TransactionalEffect):
    """The next steps of a run."""

    label = _("Step of an automation")

    def apply(self, row: OutboxRow) -> None:
        """Go on; what fails without a reason is tried again as a whole, and at the last try the step has failed."""
        run = lock_run(row.payload["run"])
        if run is None or run.position != row.payload["position"]:
            return
        if run.due_at is not None and run.due_at > clock.now():
            raise NotYet(run.due_at)  # the clock was set back, and this row is all that will remember the run
        advance(run, _perform if row.attempts < ATTEMPTS else _perform_at_last)

    def gave_up(self, row: OutboxRow, error: Exception | None) -> bool:
        """End the run, which otherwise seemed to be under way for ever: its page says so, and tries it again."""
        run = lock_run(row.payload["run"])
        if run is not None and run.position == row.payload["position"]:
            _break(run)
        return True


def lock_run(pk: int) -> Run | None:
    """A waiting run as it is now, locked behind its contact; None when there is nothing to do."""
    _CONTACT.first(run=pk)
    run: Run | None = _RUN.first(run=pk)
    return run


def advance(run: Run, perform: Performer) -> None:
    """Do the steps of a locked run, each in a savepoint, until one waits, ends the run, or was the last."""
    steps = {step.position: step for step in _STEPS.all(version=run.version_id)}
    waiting = _waiting(run)
    with caused_by(run.pk):
        while run.state == Run.State.WAITING:
            if reason := _end_before_step(run):
                finish(run, Run.State.STOPPED, reason)
            elif (step := steps.get(run.position)) is None:
                finish(run, Run.State.DONE)
            elif not _take(run, step, waiting.get(step.position) or _new_row(run, step), perform):
                return


def finish(run: Run, state: str, reason: str = "") -> None:
    """End a locked run, and with it a step that waits."""
    at = clock.now()
    if reason:
        waiting = run.steps.filter(state=RunStep.State.WAITING)
        waiting.update(state=RunStep.State.SKIPPED, reason=reason, ended_at=at)
    run.state, run.reason, run.finished_at, run.due_at = state, reason, at, None
    run.save(update_fields=["state", "reason", "finished_at", "due_at", "position"])


def _end_before_step(run: Run) -> str:
    if run.automation.state != Automation.State.ON:
        return reasons.SWITCHED_OFF
    if run.contact.erased_at is not None:
        return reasons.ERASED
    return reasons.PAID if is_paid_meanwhile(run) else ""


def _take(run: Run, step: Step, run_step: RunStep, perform: Performer) -> bool:
    """Do a step and write down what became of it; whether the run goes on right now."""
    outcome = perform(run, step, run_step)
    _write(run_step, outcome)
    if outcome.state == RunStep.State.WAITING:
        _wait(run, outcome.wait_until or clock.now())
        return False
    if outcome.state == RunStep.State.DONE:
        run.position += 1
        if outcome.ends_run:
            finish(run, Run.State.DONE, outcome.reason)
        return True
    state = Run.State.FAILED if outcome.state == RunStep.State.FAILED else Run.State.STOPPED
    finish(run, state, outcome.reason)
    return True


def _perform(run: Run, step: Step, run_step: RunStep) -> Outcome:
    try:
        with transaction.atomic(), recorded_together():
            return action_of(step.kind).perform(run, step, run_step)
    except StepFailed as error:
        return Outcome(RunStep.State.FAILED, error.reason)
    except DomainError as error:
        return Outcome(RunStep.State.FAILED, reasons.REFUSED, {"error": type(error).__name__})
    except UnknownAction:
        return Outcome(RunStep.State.FAILED, reasons.UNKNOWN_STEP)


def _perform_at_last(run: Run, step: Step, run_step: RunStep) -> Outcome:
    """The same when nothing will be tried again by itself: a mistake of the product ends the run, and is seen."""
    try:
        return _perform(run, step, run_step)
    except Exception:
        logger.exception("step broken", run=run.pk, position=step.position)
        return Outcome(RunStep.State.FAILED, reasons.BROKEN)


def _break(run: Run) -> None:
    """What failed without a word is the step that was next."""
    step = run.version.steps.filter(position=run.position).first()
    if step is not None:
        _write(_waiting(run).get(step.position) or _new_row(run, step), Outcome(RunStep.State.FAILED, reasons.BROKEN))
    finish(run, Run.State.FAILED, reasons.BROKEN)


def _waiting(run: Run) -> dict[int, RunStep]:
    """The rows of steps that waited, by position; such a one is taken up again."""
    return {row.position: row for row in _WAITING.all(run=run.pk)}


def _new_row(run: Run, step: Step) -> RunStep:
    """A row that is written with what became of the step; nobody else makes one while the run is locked."""
    return RunStep(
        school_id=run.school_id,
        run=run,
        position=step.position,
        kind=step.kind,
        state=RunStep.State.WAITING,
        began_at=clock.now(),
    )


def _write(run_step: RunStep, outcome: Outcome) -> None:
    run_step.state, run_step.reason = outcome.state, outcome.reason
    run_step.data = run_step.data | outcome.data
    is_waiting = outcome.state == RunStep.State.WAITING
    run_step.due_at = outcome.wait_until if is_waiting else run_step.due_at
    run_step.ended_at = None if is_waiting else clock.now()
    run_step.save()


def _wait(run: Run, until: datetime) -> None:
    run.due_at = until
    run.save(update_fields=["position", "due_at"])
    plan_next(run, until)
