"""Taking away what the sample school did by itself, and the words and questions that described its people."""

from django.db.models import Q

from automations.models import Automation, Run
from automations.services.switching import archive_automation
from contacts.models import ContactField, ContactTag, ContactValue, Tag
from kwiga.demo.rows import made
from schools.models import User


def remove_automations(actor: User | None) -> None:
    """Runs of made-up contacts and about made-up orders go; an automation that ran for real people is put away."""
    Run.objects.filter(Q(contact__in=list(made("contact"))) | Q(order__in=list(made("order")))).delete()
    for automation in Automation.objects.filter(pk__in=list(made("automation"))):
        if not automation.runs.exists():
            automation.delete()
        elif automation.state != Automation.State.ARCHIVED:
            archive_automation(automation=automation, actor=actor)


def remove_words() -> None:
    """Tags and fields go unless they say something about somebody who stays."""
    worn = ContactTag.objects.values("tag")
    Tag.objects.filter(pk__in=list(made("tag"))).exclude(pk__in=worn).delete()
    filled = ContactValue.objects.values("field")
    ContactField.objects.filter(pk__in=list(made("contactfield"))).exclude(pk__in=filled).delete()
