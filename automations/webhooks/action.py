"""The step that calls a webhook."""

import json
from collections.abc import Iterable

from django.utils.translation import gettext

from automations.actions import Action, Outcome
from automations.models import Run, RunStep, Step
from automations.placeholders import known_at
from automations.values import values_for_school
from automations.webhooks.checks import problems_with
from automations.webhooks.send import order_call

# What is said when the school wrote no body of its own.
USUAL_BODY = json.dumps(
    {
        "type": "automation.step",
        "data": {
            "run": "{{ run.id }}",
            "contact": {
                "email": "{{ contact.email }}",
                "name": "{{ contact.name }}",
                "external_id": "{{ contact.external_id }}",
            },
        },
    }
)


class WebhookAction(Action):
    """Orders the call; how it went is told by the delivery."""

    def perform(self, run: Run, step: Step, run_step: RunStep) -> Outcome:
        """Order the call with the values of the run."""
        settings = step.settings
        delivery = order_call(
            run_step=run_step,
            url=settings["url"],
            headers=settings.get("headers", []),
            body=settings.get("body") or USUAL_BODY,
            values=values_for_school(run),
        )
        return Outcome(data={"delivery": delivery.pk})

    def problems(self, step: Step) -> Iterable[str]:
        """What keeps the call from being made."""
        return problems_with(step.settings, known_at(step.version, step.position))

    def sentence(self, step: Step) -> str:
        """The address."""
        return gettext("Call %(address)s") % {"address": step.settings.get("url", "")}
