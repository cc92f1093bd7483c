"""What this app tells on the page of a contact: the runs of automations for them."""

from typing import Any

from automations.models import Run
from automations.reasons import sentence_for
from contacts import card
from contacts.models import Contact
from schools.roles import Right

LATEST = 10


def register_own() -> None:
    """Register the section of this app."""
    card.register(
        card.CardSection(template="automations/_contact_runs.html", right=Right.VIEW_AUTOMATIONS, context=_of_contact)
    )


def _of_contact(contact: Contact) -> dict[str, Any]:
    runs = Run.objects.filter(contact=contact).select_related("automation").order_by("-started_at", "-pk")
    return {"runs": [(run, sentence_for(run.reason) if run.reason else "") for run in runs[:LATEST]]}
