"""What this app holds about contacts: runs and what they did, calls that waited, sentences for the team (trust D8)."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from automations import reasons
from automations.engine.stopping import stop_all, stop_runs_with
from automations.models import Run, WebhookDelivery
from automations.telegram import sending
from contacts.holdings import Holding, Names, classify, register
from contacts.models import Contact
from schools.models import OutboxRow

MERGED = "merged"


def register_own() -> None:
    """Register the part of this app, and whose the texts of its tables are."""
    reasons.register(MERGED, _("The contact was merged with another one."))
    register(Holding(key="automations", move=_move, erase=_erase, export=_export, forget=_forget, counts=_counts))
    classify("automations.Automation", school="name", code="token state repeat")
    classify("automations.AutomationVersion", school="trigger_settings conditions", code="trigger")
    classify("automations.HookCall", code="digest")
    classify("automations.IncomingHook", school="name", code="token secret")
    classify("automations.Run", person="contact", code="token occurrence about state reason")
    classify("automations.RunStep", code="kind state reason data")
    classify("automations.Step", school="settings", code="kind")
    classify("automations.TelegramChannel", school="name events chat_id", code="token last_error")
    classify("automations.TelegramMessage", sealed="text", code="dedupe_key")
    classify("automations.WebhookDelivery", school="url", person="answer", code="webhook_id state")


def _move(other: Contact, into: Contact) -> None:
    """Runs go on for the other; of two that are under way about the same thing only one does."""
    live = Run.objects.filter(contact=into, state=Run.State.WAITING).values_list("automation_id", "about")
    for automation_id, about in live:
        stop_all(Run.objects.filter(contact=other, automation_id=automation_id, about=about), MERGED)
    known = set(Run.objects.filter(contact=into).values_list("automation_id", "occurrence"))
    for run in Run.objects.filter(contact=other):
        if (run.automation_id, run.occurrence) in known:
            Run.objects.filter(pk=run.pk).update(occurrence=f"{run.occurrence[:90]}:of:{other.pk}")
    Run.objects.filter(contact=other).update(contact=into)


def _erase(contact: Contact) -> None:
    stop_runs_with(contact)
    deliveries = WebhookDelivery.objects.filter(run_step__run__contact=contact)
    keys = [f"delivery:{pk}" for pk in deliveries.values_list("pk", flat=True)]
    deliveries.update(answer="")
    # What waits sealed finds no text any more (automations.webhooks.send); a dead one never will.
    for row in OutboxRow.objects.filter(kind="webhook", dedupe_key__in=keys, dead_at__isnull=False):
        row.payload.pop("sealed", None)
        row.save(update_fields=["payload"])


def _forget(names: Names) -> None:
    texts = names.emails | {word.lower() for word in names.words if len(word) > 2}
    sending.forget(texts)


def _counts(contact: Contact) -> list[tuple[str | Promise, int]]:
    return [(_("Runs of automations"), Run.objects.filter(contact=contact).count())]


def _export(contact: Contact) -> dict[str, Any]:
    runs = Run.objects.filter(contact=contact).order_by("started_at", "pk")
    names = ("automation__name", "state", "reason", "started_at", "finished_at")
    return {"runs": list(runs.values(*names))}
