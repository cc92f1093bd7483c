"""The list of automations: what a filter means, and what a line of it says."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from automations.models import Automation, AutomationVersion, Run
from automations.objects import found_at_once
from automations.sentences import trigger_sentence
from automations.settings_fields import FieldKind
from automations.triggers import UnknownTrigger, trigger_of


@dataclass(frozen=True, kw_only=True)
class AutomationFilter:
    """What the list is narrowed to; archived automations have to be asked for."""

    text: str = ""
    state: str = ""
    trigger: str = ""


@dataclass(frozen=True)
class RunCounts:
    """How many runs there are, by what became of them."""

    total: int = 0
    waiting: int = 0
    done: int = 0
    stopped: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Row:
    """A line of the list."""

    automation: Automation
    sentence: str
    counts: RunCounts
    has_changes: bool  # a draft beside the live version


def automations_matching(wanted: AutomationFilter) -> QuerySet[Automation]:
    """Automations of the open scope that fit, in no order."""
    automations: QuerySet[Automation] = Automation.objects.all()
    if wanted.state in Automation.State.values:
        automations = automations.filter(state=wanted.state)
    else:
        automations = automations.exclude(state=Automation.State.ARCHIVED)
    for word in wanted.text.replace("\0", "").split():
        automations = automations.filter(name__icontains=word)
    if wanted.trigger:
        versions = AutomationVersion.objects.filter(automation=OuterRef("pk"), trigger=wanted.trigger)
        automations = automations.filter(Exists(versions.filter(Q(is_live=True) | Q(published_at=None))))
    return automations


def rows_of(automations: Iterable[Automation]) -> list[Row]:
    """The lines for these automations, in as many queries whatever their number."""
    automations = list(automations)
    ids = [automation.pk for automation in automations]
    counted = counts_of(ids)
    shown, drafts = _versions(ids)
    with found_at_once(_named(shown.values())):
        return [
            Row(
                automation,
                trigger_sentence(shown[automation.pk]) if automation.pk in shown else "",
                counted.get(automation.pk, RunCounts()),
                automation.pk in drafts and shown[automation.pk].pk != drafts[automation.pk],
            )
            for automation in automations
        ]


def counts_of(ids: Sequence[int]) -> dict[int, RunCounts]:
    """Runs of these automations, by state; one query."""
    rows = (
        Run.objects.filter(automation__in=ids).order_by().values("automation_id", "state").annotate(number=Count("pk"))
    )
    counted: dict[int, dict[str, int]] = {}
    for row in rows:
        counted.setdefault(row["automation_id"], {})[row["state"]] = row["number"]
    return {pk: RunCounts(total=sum(states.values()), **states) for pk, states in counted.items()}


def _versions(ids: Sequence[int]) -> tuple[dict[int, AutomationVersion], dict[int, int]]:
    """The version that is shown (live, else the newest) and the id of the draft, by automation."""
    shown: dict[int, AutomationVersion] = {}
    drafts: dict[int, int] = {}
    for version in AutomationVersion.objects.filter(automation__in=ids).order_by("number"):
        if version.published_at is None:
            drafts[version.automation_id] = version.pk
        if version.automation_id not in shown or not shown[version.automation_id].is_live:
            shown[version.automation_id] = version
    return shown, drafts


def _named(versions: Iterable[AutomationVersion]) -> Iterator[tuple[str, str]]:
    """What the triggers of these versions name, as kinds and tokens."""
    for version in versions:
        try:
            fields = trigger_of(version.trigger).fields
        except UnknownTrigger:
            continue
        for field in fields:
            token = version.trigger_settings.get(field.name)
            if field.kind not in (FieldKind.NUMBER, FieldKind.FLAG) and isinstance(token, str) and token:
                yield field.kind, token
