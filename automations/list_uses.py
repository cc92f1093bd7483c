"""Automations that use a list of contacts, so that it is not deleted beneath them (P2)."""

import json

from django.urls import reverse

from automations.models import Automation, AutomationVersion
from contacts import list_uses
from contacts.list_uses import ListUse
from contacts.models import ContactList
from schools.models import School


def register_own() -> None:
    """Say it."""
    list_uses.register(_uses)


def _uses(contact_list: ContactList) -> list[ListUse]:
    """Automations whose live version or draft names the list; one that is on forbids deleting it."""
    versions = AutomationVersion.objects.exclude(automation__state=Automation.State.ARCHIVED)
    current = versions.exclude(is_live=False, published_at__isnull=False)
    school = School.objects.get(pk=contact_list.school_id)
    found = {
        version.automation
        for version in current.select_related("automation").prefetch_related("steps")
        if _names(version, contact_list.token)
    }
    return [_use(school, automation) for automation in sorted(found, key=lambda each: each.pk)]


def _names(version: AutomationVersion, token: str) -> bool:
    said = [version.trigger_settings, version.conditions, *(step.settings for step in version.steps.all())]
    return f'"{token}"' in json.dumps(said)


def _use(school: School, automation: Automation) -> ListUse:
    return ListUse(
        label=automation.name,
        path=reverse("automations:detail", args=[school.slug, automation.token]),
        is_live=automation.state == Automation.State.ON,
    )
