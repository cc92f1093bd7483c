"""Runs begin: one for each automation, contact and occurrence, however often the event is told (R7)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from automations import reasons
from automations.actions import action_of
from automations.calendar import days_later, school_zone
from automations.engine.plans import plan_first
from automations.models import Automation, AutomationVersion, Run, RunStep, Step
from automations.triggers import Occurrence, trigger_of, triggers_on
from automations.triggers.people import BY_HAND, by_hand
from contacts.models import Contact
from contacts.segments.members import fitting_among
from kwiga import clock
from schools.models import Event, OutboxRow
from schools.outbox.effects import TransactionalEffect
from schools.outbox.queue import enqueue, gathered

logger = structlog.get_logger("automations")

KIND = "automation.start"
PIECE = 500
MAX_DEPTH = 5

# Limits of an automation are errors for whoever looks for what was not given (C33, C35); the others are as meant.
_FAILS = frozenset({reasons.ONCE, reasons.PAUSE, reasons.MAX_RUNS, reasons.LOOP})

Told = tuple[Event, Occurrence]


def start_runs(event: Event) -> None:
    """Start what is to happen because of this event; the listener of all kinds that triggers know.

    What fails, or is too much for one transaction, is left to rows of its own: nobody else's work waits for it.
    """
    for version in _versions_for(event):
        try:
            with transaction.atomic():
                found = _occurrences(event, version)
                told = list(islice(found, PIECE))
                start(version, [(event, occurrence) for occurrence in told])
            if len(told) == PIECE:
                _leave(event, version, behind=PIECE)
        except Exception:
            logger.exception("automation not started", automation=version.automation_id, event_id=event.pk)
            _leave(event, version, behind=0)


class StartEffect(TransactionalEffect):
    """The next contacts of an event that many are meant by."""

    label = _("Start of an automation")

    def apply(self, row: OutboxRow) -> None:
        """Start a piece; the rest is the next row's."""
        event = Event.objects.get(pk=row.payload["event"])
        version = _versions_for(event).filter(automation=row.payload["automation"]).first()
        if version is None:
            return
        behind = row.payload["behind"]
        told = list(islice(_occurrences(event, version), behind, behind + PIECE))
        start(version, [(event, occurrence) for occurrence in told])
        if len(told) == PIECE:
            _leave(event, version, behind=behind + PIECE)


def start(version: AutomationVersion, told: Sequence[Told]) -> int:
    """A run for each occurrence that has none yet, kept as refused where a rule says so; how many began."""
    automation = _lock_where_counted(version.automation)
    told = _unheard(automation, told)
    if not told:
        return 0
    gate = _Gate(automation, version, told)
    runs = [_run_of(version, event, occurrence, gate) for event, occurrence in told]
    return _insert(automation, runs, version.steps.filter(position=0).first())


class _Gate:
    """Who is let in: what the rules need to know is read at once for all occurrences of a piece."""

    def __init__(self, automation: Automation, version: AutomationVersion, told: Sequence[Told]) -> None:
        ids = {occurrence.contact_id for _event, occurrence in told}
        self.automation = automation
        self.known = set(Contact.objects.known().filter(pk__in=ids).values_list("pk", flat=True))
        self.fitting = self._fitting(version)
        self.had = self._had()
        runs = Run.objects.filter(automation=automation)
        waiting = runs.filter(state=Run.State.WAITING, contact__in=ids)
        self.under_way = set(waiting.values_list("contact_id", "about"))
        self.left = self._left()
        self.depths = _depths(event for event, _occurrence in told)

    def reason(self, event: Event, occurrence: Occurrence) -> str:
        """Why this one is not let in; empty when it is, and it is then counted."""
        who = occurrence.contact_id
        if who not in self.known:
            return reasons.ERASED
        if self.depth(event) >= MAX_DEPTH:
            return reasons.LOOP
        if who not in self.fitting:
            return reasons.NOT_FITTING
        if (who, occurrence.about) in self.under_way:
            return reasons.UNDER_WAY
        if who in self.had:
            return reasons.ONCE if self.automation.repeat == Automation.Repeat.ONCE else reasons.PAUSE
        if self.left is not None and self.left <= 0:
            return reasons.MAX_RUNS
        self._count(who, occurrence.about)
        return ""

    def depth(self, event: Event) -> int:
        """How many runs led to the event."""
        return self.depths.get(event.data.get("run"), 0)

    def _count(self, who: int, about: str) -> None:
        self.under_way.add((who, about))
        if self.automation.repeat != Automation.Repeat.EACH:
            self.had.add(who)
        if self.left is not None:
            self.left -= 1

    def _fitting(self, version: AutomationVersion) -> set[int]:
        if version.conditions is None:
            return self.known
        return fitting_among(version.conditions, self.known)

    def _had(self) -> set[int]:
        automation = self.automation
        if automation.repeat == Automation.Repeat.EACH:
            return set()
        runs = Run.objects.filter(automation=automation, contact__in=self.known).exclude(reason__in=reasons.REFUSALS)
        if automation.repeat == Automation.Repeat.PAUSE:
            since = days_later(clock.now(), -(automation.repeat_days or 0), school_zone())
            runs = runs.filter(started_at__gt=since)
        return set(runs.values_list("contact_id", flat=True))

    def _left(self) -> int | None:
        if self.automation.max_runs is None:
            return None
        let_in = Run.objects.filter(automation=self.automation).exclude(reason__in=reasons.REFUSALS)
        return self.automation.max_runs - let_in.count()


def _depths(events: Iterable[Event]) -> dict[int, int]:
    causes = {event.data["run"] for event in events if "run" in event.data}
    return {pk: depth + 1 for pk, depth in Run.objects.filter(pk__in=causes).values_list("pk", "depth")}


def _run_of(version: AutomationVersion, event: Event, occurrence: Occurrence, gate: _Gate) -> Run:
    reason = gate.reason(event, occurrence)
    at = clock.now()
    ended = {"state": Run.State.FAILED if reason in _FAILS else Run.State.STOPPED, "finished_at": at}
    return Run(
        school_id=version.school_id,
        automation_id=version.automation_id,
        version=version,
        contact_id=occurrence.contact_id,
        event=event,
        occurrence=occurrence.key[:120],
        about=occurrence.about,
        order_id=occurrence.order_id,
        offer_id=occurrence.offer_id,
        course_id=occurrence.course_id,
        reason=reason,
        depth=gate.depth(event),
        started_at=at,
        **(ended if reason else {}),
    )


def _insert(automation: Automation, runs: Sequence[Run], first: Step | None) -> int:
    """Write the runs. One that another process began for the same thing meanwhile is kept as refused."""
    runs = [run for run in runs if run.reason != reasons.ERASED]
    due = _first_wait(first)
    for run in runs:
        run.due_at = None if run.reason else due
    Run.objects.bulk_create(runs, ignore_conflicts=True)
    written = _written(automation, runs)
    late = [run for run in runs if _key(run) not in written]
    for run in late:
        run.state, run.reason, run.finished_at, run.due_at = Run.State.STOPPED, reasons.UNDER_WAY, clock.now(), None
    Run.objects.bulk_create(late, ignore_conflicts=True)
    begun = [written[_key(run)] for run in runs if not run.reason and _key(run) in written]
    if first and due:
        _wait_together(begun, first, due)
    with gathered():
        for run in begun:
            plan_first(run, due)
    return len(begun)


def _first_wait(first: Step | None) -> datetime | None:
    """Until when all runs wait before they do anything, None when they do not: such a wait needs no turn of its own."""
    try:
        due = action_of(first.kind).waits_until(first) if first else None
    except Exception:  # whatever is wrong with the step: it fails in the turn of each run, where the team sees it
        return None
    return due if due and due > clock.now() else None


def _wait_together(runs: Sequence[Run], first: Step, due: datetime) -> None:
    """Write what the first step would have written for each."""
    facts = {"position": 0, "kind": first.kind, "state": RunStep.State.WAITING, "due_at": due, "began_at": clock.now()}
    RunStep.objects.bulk_create(RunStep(school_id=run.school_id, run=run, **facts) for run in runs)


def _written(automation: Automation, runs: Sequence[Run]) -> dict[tuple[int, str], Run]:
    keys, people = {run.occurrence for run in runs}, {run.contact_id for run in runs}
    rows = Run.objects.filter(automation=automation, occurrence__in=keys, contact__in=people)
    return {_key(run): run for run in rows.only("pk", "contact_id", "occurrence", "position", "school_id")}


def _key(run: Run) -> tuple[int, str]:
    return run.contact_id, run.occurrence


def _unheard(automation: Automation, told: Sequence[Told]) -> list[Told]:
    """Those that left no run behind yet; the first of those told twice."""
    keys = {occurrence.key[:120] for _event, occurrence in told}
    people = {occurrence.contact_id for _event, occurrence in told}
    rows = Run.objects.filter(automation=automation, occurrence__in=keys, contact__in=people)
    heard = set(rows.values_list("contact_id", "occurrence"))
    fresh: dict[tuple[int, str], Told] = {}
    for event, occurrence in told:
        key = (occurrence.contact_id, occurrence.key[:120])
        if key not in heard:
            fresh.setdefault(key, (event, occurrence))
    return list(fresh.values())


def _lock_where_counted(automation: Automation) -> Automation:
    """Starts wait for each other where they have to be counted; for nobody otherwise."""
    if automation.repeat == Automation.Repeat.EACH and automation.max_runs is None:
        return automation
    return Automation.objects.select_for_update(of=("self",), no_key=True).get(pk=automation.pk)


def _versions_for(event: Event) -> QuerySet[AutomationVersion]:
    """The live versions that this event may start, of automations that were on when it happened (K16)."""
    on = AutomationVersion.objects.filter(is_live=True, automation__state=Automation.State.ON)
    on = on.filter(automation__switched_on_at__lte=event.created_at).order_by("automation_id")
    if event.kind == BY_HAND:
        on = on.filter(automation=event.subject_id)
    else:
        on = on.filter(trigger__in=[trigger.key for trigger in triggers_on(event.kind)])
    return on.select_related("automation")


def _occurrences(event: Event, version: AutomationVersion) -> Iterable[Occurrence]:
    if event.kind == BY_HAND:
        return by_hand(event)
    happened = trigger_of(version.trigger).occurrences
    return happened(event, version.trigger_settings) if happened else ()


def _leave(event: Event, version: AutomationVersion, *, behind: int) -> None:
    enqueue(
        KIND,
        dedupe_key=f"event:{event.pk}:{version.automation_id}:{behind}",
        payload={"event": event.pk, "automation": version.automation_id, "behind": behind},
    )
