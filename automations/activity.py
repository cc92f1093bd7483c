"""What happens to automations, as the activity page says it."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from automations.models import Automation
from schools.activity import Kind, Subject, Topic, register
from schools.models import Event, School


def register_own() -> None:
    """Register the topic of this app."""
    register("automations", Topic(label=_("Automations"), kinds=_AUTOMATIONS, subjects=_automations))


_AUTOMATIONS = {
    "automation.created": Kind(_("Automation made"), "workflow"),
    "automation.copied": Kind(_("Automation copied"), "copy"),
    "automation.changed": Kind(_("Automation changed"), "pencil"),
    "automation.draft_discarded": Kind(_("Changes of an automation given up"), "undo-2"),
    "automation.switched_on": Kind(_("Automation switched on"), "play"),
    "automation.switched_off": Kind(_("Automation switched off"), "pause"),
    "automation.archived": Kind(_("Automation archived"), "archive"),
    "automation.restored": Kind(_("Automation taken out of the archive"), "archive-restore"),
    "automation.started_by_hand": Kind(_("Automation started by hand"), "hand"),
    "automation.run_retried": Kind(_("Failed run tried again"), "rotate-cw"),
    "automation.run_stopped": Kind(_("Run stopped by the team"), "circle-stop"),
    "automation.came_due": Kind(_("The time of an automation came"), "clock"),
}


def _automations(school: School, events: Sequence[Event]) -> dict[int, Subject]:
    about = {event.pk: _id_of(event) for event in events}
    found = Automation.objects.in_bulk({pk for pk in about.values() if pk})
    return {
        event.pk: Subject(found[pk].name, reverse("automations:detail", args=[school.slug, found[pk].token]))
        for event in events
        if (pk := about[event.pk]) in found
    }


def _id_of(event: Event) -> int | None:
    # What the clock brought is told about the contact; the automation stands beside it.
    pk: int | None = event.data.get("automation") if event.kind == "automation.came_due" else event.subject_id
    return pk
