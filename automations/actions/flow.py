"""Steps that decide how a run goes on: wait, condition, stop."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from automations import reasons
from automations.actions.registry import Action, Outcome, StepFailed
from automations.calendar import days_later, school_zone
from automations.engine.paid import has_paid
from automations.models import Run, RunStep, Step
from contacts.segments.language import ConditionsRefused
from contacts.segments.members import clause_of, fits, problems_in
from kwiga import clock
from orders.models import Order

_UNITS = ("days", "hours", "minutes")
LONGEST_DAYS = 1100


class WaitAction(Action):
    """Waits days of the school's calendar, then hours and minutes."""

    def perform(self, run: Run, step: Step, run_step: RunStep) -> Outcome:
        """Wait at first; when the time has come the step is done."""
        due = run_step.due_at or self.waits_until(step)
        if due <= clock.now():
            return Outcome()
        return Outcome(RunStep.State.WAITING, wait_until=due)

    def waits_until(self, step: Step) -> datetime:
        """So long from now."""
        days, hours, minutes = (step.settings.get(unit) or 0 for unit in _UNITS)
        return days_later(clock.now(), days, school_zone()) + timedelta(hours=hours, minutes=minutes)

    def problems(self, step: Step) -> Iterable[str]:
        """It waits for a time that people mean."""
        values = [step.settings.get(unit) or 0 for unit in _UNITS]
        if any(not isinstance(value, int) or value < 0 for value in values) or not any(values):
            yield _("Say how long to wait.")
        elif values[0] > LONGEST_DAYS or values[1] > LONGEST_DAYS * 24 or values[2] > LONGEST_DAYS * 24 * 60:
            yield _("Wait for three years at most.")

    def sentence(self, step: Step) -> str:
        """How long it waits."""
        days, hours, minutes = (step.settings.get(unit) or 0 for unit in _UNITS)
        parts = [
            ngettext("%(n)d day", "%(n)d days", days) % {"n": days} if days else "",
            ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours} if hours else "",
            ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes} if minutes else "",
        ]
        return _("Wait %(time)s") % {"time": ", ".join(part for part in parts if part)}


class ConditionAction(Action):
    """Goes on only for contacts that fit at this moment, and orders that are as wanted."""

    def perform(self, run: Run, step: Step, run_step: RunStep) -> Outcome:
        """Look now; a run that does not fit ends here (P1.1)."""
        if self._holds(run, step):
            return Outcome()
        return Outcome(RunStep.State.SKIPPED, reasons.CONDITION)

    def problems(self, step: Step) -> Iterable[str]:
        """It asks something, of what is still there."""
        conditions = step.settings.get("conditions")
        if not conditions and not step.settings.get("order"):
            yield _("Say what has to hold.")
        elif conditions:
            yield from _problems_in(conditions)

    def sentence(self, step: Step) -> str:
        """What has to hold."""
        orders = {"unpaid": _("the order is still unpaid"), "paid": _("the order is paid")}
        conditions = step.settings.get("conditions")
        parts = [orders.get(step.settings.get("order", ""), ""), clause_of(conditions) if conditions else ""]
        if all(parts) and conditions["match"] == "any":
            parts[1] = f"({parts[1]})"
        return _("Go on only if %(what)s") % {"what": _(" and ").join(part for part in parts if part)}

    def _holds(self, run: Run, step: Step) -> bool:
        wanted, conditions = step.settings.get("order"), step.settings.get("conditions")
        if wanted == "unpaid" and (has_paid(run) or not _is_pending(run)):
            return False
        if wanted == "paid" and not has_paid(run):
            return False
        try:
            return not conditions or fits(conditions, run.contact)
        except ConditionsRefused as error:
            raise StepFailed(reasons.OBJECT_GONE) from error


class StopAction(Action):
    """Ends the run."""

    def perform(self, run: Run, step: Step, run_step: RunStep) -> Outcome:
        """Say that it was the last step."""
        return Outcome(reason=reasons.STOP_STEP, ends_run=True)

    def sentence(self, step: Step) -> str:
        """That it ends here."""
        return _("Stop")


def _problems_in(conditions: Any) -> list[str]:
    try:
        return problems_in(conditions)
    except ConditionsRefused as error:
        return [str(error.message)]


def _is_pending(run: Run) -> bool:
    return not run.order_id or Order.objects.pending().filter(pk=run.order_id).exists()
