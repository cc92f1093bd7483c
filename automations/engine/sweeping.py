"""Triggers of the clock: an outbox row looks for what came due and puts the next one, for each automation that is on.

Windows follow each other without a gap, however late a row is worked: `Automation.swept_until` says where the next
one begins. A row whose window another one has looked through finds nothing to do.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from automations.engine.starting import PIECE, start
from automations.models import Automation, AutomationVersion, Run
from automations.triggers import ClockRule, Occurrence, UnknownTrigger, trigger_of
from contacts.models import Contact
from kwiga import clock
from schools.journal import record_facts
from schools.models import OutboxRow
from schools.outbox.effects import TransactionalEffect
from schools.outbox.queue import enqueue

KIND = "automation.sweep"
# What cannot be foreseen to the second is found within the hour.
INTERVAL = timedelta(hours=1)


def begin_sweeping(automation: Automation) -> None:
    """Look from now on for what the clock brings, if the live version's trigger is one of the clock's."""
    version = automation.versions.filter(is_live=True).first()
    if version is None or rule_of(version) is None:
        return
    automation.swept_until = clock.now()
    automation.save(update_fields=["swept_until"])
    _plan_next(automation, version)


def go_on_sweeping(automation: Automation) -> None:
    """After a change: go on where the version before stopped looking, or begin when it did not look at all."""
    since = _written(automation.swept_until) if automation.swept_until else ""
    rows = OutboxRow.objects.filter(kind=KIND, done_at=None, dead_at=None)
    if not rows.filter(payload__automation=automation.pk, payload__since=since).exists():
        begin_sweeping(automation)


def rule_of(version: AutomationVersion) -> ClockRule | None:
    """The rule of the version's trigger; None when events tell it."""
    try:
        return trigger_of(version.trigger).clock
    except UnknownTrigger:
        return None


class SweepEffect(TransactionalEffect):
    """One look, in pieces where many came due at once."""

    label = _("Look for what came due for an automation")

    def apply(self, row: OutboxRow) -> None:
        """Start what came due since the last look, unless the automation is off or another row looked already."""
        locked = Automation.objects.select_for_update(of=("self",), no_key=True)
        automation = locked.filter(pk=row.payload["automation"], state=Automation.State.ON).first()
        since = datetime.fromisoformat(row.payload["since"])
        if automation is None or automation.swept_until != since:
            return
        version = automation.versions.select_related("automation").get(is_live=True)
        rule = rule_of(version)
        if rule is None:
            return
        until = datetime.fromisoformat(row.payload["until"]) if row.payload["until"] else clock.now()
        last = _start_piece(version, rule, since, until, row.payload["behind"])
        if last is not None:
            _plan(automation, since=since, until=until, behind=last, due=None)
            return
        automation.swept_until = max(since, until)
        automation.save(update_fields=["swept_until"])
        _plan_next(automation, version)

    def gave_up(self, row: OutboxRow, error: Exception | None) -> bool:
        """Look again later, from where this row was to look; it stays to be seen, and to be tried again at once."""
        said = row.payload | {"tries": row.payload.get("tries", 0) + 1}
        key = f"{row.dedupe_key.partition(':again:')[0]}:again:{said['tries']}"
        enqueue(KIND, dedupe_key=key, payload=said, available_at=clock.now() + INTERVAL)
        return False


def _start_piece(
    version: AutomationVersion, rule: ClockRule, since: datetime, until: datetime, behind: int
) -> int | None:
    """Start the next piece of what came due; the last row of it when there may be more."""
    settings = version.trigger_settings
    rows = list(rule.rows(settings, since, until).filter(pk__gt=behind).order_by("pk")[:PIECE])
    came = [each for row in rows if (each := rule.occurrence(row, settings))]
    _start(version, _fresh(version, came))
    return rows[-1].pk if len(rows) == PIECE else None


def _fresh(version: AutomationVersion, came: list[Occurrence]) -> list[Occurrence]:
    """Those of contacts that are known, which left no run behind."""
    people = Contact.objects.known().in_bulk({each.contact_id for each in came})
    runs = Run.objects.filter(automation=version.automation_id, occurrence__in={each.key for each in came})
    heard = set(runs.values_list("contact_id", "occurrence"))
    return [each for each in came if each.contact_id in people and (each.contact_id, each.key) not in heard]


def _start(version: AutomationVersion, came: list[Occurrence]) -> None:
    people = Contact.objects.in_bulk({each.contact_id for each in came})
    facts = [(people[each.contact_id], _facts(version, each)) for each in came]
    events = record_facts("automation.came_due", facts=facts)
    start(version, list(zip(events, came, strict=True)))


def _facts(version: AutomationVersion, each: Occurrence) -> dict[str, Any]:
    facts = {"automation": version.automation_id, "occurrence": each.key, "about": each.about}
    return facts | ({"run": each.run_id} if each.run_id else {})


def _plan_next(automation: Automation, version: AutomationVersion) -> None:
    since = automation.swept_until
    rule = rule_of(version)
    if since is None or rule is None:
        return
    foreseen = rule.next_due(version.trigger_settings, since)
    latest = since + INTERVAL
    _plan(automation, since=since, until=None, behind=0, due=min(foreseen, latest) if foreseen else latest)


def _plan(
    automation: Automation, *, since: datetime, until: datetime | None, behind: int, due: datetime | None
) -> None:
    facts = {"since": _written(since), "until": _written(until) if until else "", "behind": behind}
    enqueue(
        KIND,
        dedupe_key=f"automation:{automation.pk}:{_written(since)}:{behind}",
        payload={"automation": automation.pk} | facts,
        available_at=due,
    )


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()
