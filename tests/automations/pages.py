"""What the forms of automations send, and the automation they made."""

from typing import Any

from automations.models import Automation, AutomationVersion, Step
from automations.recipes import recipe_of
from automations.services.writing import create_automation
from schools.models import School
from schools.tenancy.scope import school_scope

COUPON = {
    "kind": "coupon",
    "size": "15",
    "unit": "percent",
    "sums_currency": "UAH",
    "code": "auto",
    "pattern": "",
    "valid": "days",
    "valid_days": "7",
    "personal": "on",
    "max_uses": "1",
    "max_uses_per_contact": "1",
    "offers": "all",
    "starts_after_days": "0",
    "comment": "",
}
MAIL = {
    "kind": "mail",
    "subject_en": "For you, {{ contact.name }}",
    "body_en": "Hello {{ contact.name }}",
    "is_news": "on",
}


def made(school: School, *, recipe: str = "", name: str = "Bonus", **facts: Any) -> Automation:
    """An automation by a recipe, or with the trigger and steps in `facts`."""
    known = recipe_of(recipe)
    with school_scope(school):
        said = (known.facts() if known else {}) | facts
        return create_automation(name=name, actor=None, recipe=said)


def draft(automation: Automation) -> AutomationVersion:
    """Its draft, in the open scope."""
    return AutomationVersion.objects.get(automation=automation, published_at=None)


def steps_of(school: School, automation: Automation) -> list[tuple[str, dict[str, Any]]]:
    """The steps of the newest version, as kind and settings."""
    with school_scope(school):
        newest = automation.versions.order_by("-number").first()
        rows = Step.objects.filter(version=newest).order_by("position")
        return list(rows.values_list("kind", "settings"))
