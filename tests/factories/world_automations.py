"""An automation with a step, a run of it, and every way in and out."""

from automations.models import (
    Automation,
    AutomationVersion,
    HookCall,
    IncomingHook,
    Run,
    RunStep,
    Step,
    TelegramChannel,
    TelegramMessage,
    WebhookDelivery,
)
from contacts.models import Contact
from kwiga import clock
from schools.journal import record_event
from schools.models import School


def fill_automations(school: School, contact: Contact) -> None:
    """One row of each table of automations, in the open scope of the school."""
    automation = Automation.objects.create(
        school=school, name="Sample automation", state=Automation.State.ON, switched_on_at=clock.now()
    )
    version = AutomationVersion.objects.create(
        school=school,
        automation=automation,
        number=1,
        trigger="contact.created",
        published_at=clock.now(),
        is_live=True,
    )
    Step.objects.create(school=school, version=version, position=0, kind=Step.Kind.WEBHOOK)
    run = Run.objects.create(
        school=school,
        automation=automation,
        version=version,
        contact=contact,
        event=record_event("contact.created", subject=contact),
        occurrence="sample",
        state=Run.State.DONE,
        finished_at=clock.now(),
    )
    step = RunStep.objects.create(
        school=school, run=run, position=0, kind=Step.Kind.WEBHOOK, state=RunStep.State.DONE, ended_at=clock.now()
    )
    WebhookDelivery.objects.create(
        school=school, run_step=step, webhook_id=f"msg_{step.pk}", url="https://example.test/hook"
    )
    hook = IncomingHook.objects.create(school=school, name="Sample hook")
    HookCall.objects.create(school=school, hook=hook, digest="0" * 64)
    channel = TelegramChannel.objects.create(school=school, name="Sample channel", chat_id="-100")
    TelegramMessage.objects.create(school=school, channel=channel, dedupe_key="sample", text="Sample message")
