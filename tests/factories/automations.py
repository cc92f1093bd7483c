"""Automations as the team makes them: written, and switched on."""

from typing import Any

import factory

from automations.models import Automation
from automations.services.switching import switch_on
from automations.services.writing import create_automation
from schools.tenancy.scope import school_scope
from tests.factories.schools import SchoolFactory

Said = tuple[str, dict[str, Any]]


class AutomationFactory(factory.Factory[Automation]):
    """An automation that is on: `steps` are pairs of a kind and its settings; `is_on=False` leaves it a draft."""

    class Meta:
        model = Automation

    school = factory.SubFactory(SchoolFactory)
    name = factory.Sequence(lambda n: f"Automation {n}")
    trigger = "contact.created"
    trigger_settings: dict[str, Any] = {}
    conditions = None
    steps: tuple[Said, ...] = (("stop", {}),)
    is_on = True

    @classmethod
    def _create(cls, model_class: type[Automation], *args: Any, **fields: Any) -> Automation:
        school, name, is_on = fields.pop("school"), fields.pop("name"), fields.pop("is_on")
        steps = [{"kind": kind, "settings": dict(said)} for kind, said in fields.pop("steps")]
        with school_scope(school):
            automation = create_automation(name=name, actor=None, recipe=fields | {"steps": steps})
            return switch_on(automation=automation, actor=None) if is_on else automation


def percent_coupon(**said: Any) -> Said:
    """A step that makes a personal coupon of 15 % for seven days."""
    usual = {"code": "auto", "size": "percent", "percent_bp": 1500, "valid": "days", "valid_days": 7, "personal": True}
    return "coupon", usual | {"max_uses": 1, "max_uses_per_contact": 1, "offers": "all"} | said


def mail(body: str = "Hello {{ contact.name }}", subject: str = "News", **said: Any) -> Said:
    """A step that mails a text in English."""
    return "mail", {"texts": {"en": {"subject": subject, "body": body}}, "is_news": True} | said


def wait(**how_long: int) -> Said:
    """A step that waits: `days=1`, `hours=2`."""
    return "wait", dict(how_long)
