"""The ways in and out, made known to the rest of the product."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from automations import actions
from automations.models import IncomingHook, Step, TelegramChannel
from automations.telegram import events as telegram_events
from automations.telegram.channels import rotate_waiting_messages
from automations.telegram.notify import NotifyAction
from automations.telegram.sending import KIND as TELEGRAM
from automations.telegram.sending import TelegramEffect
from automations.webhooks.action import WebhookAction
from automations.webhooks.retrying import rotate_waiting_calls
from automations.webhooks.send import KIND as WEBHOOK
from automations.webhooks.send import WebhookEffect
from contacts import list_uses
from contacts.list_uses import ListUse
from contacts.models import Contact, ContactList
from schools.activity import Kind, Subject, Topic, register
from schools.models import Event, School
from schools.outbox import effects
from schools.services import secrets


def register_own() -> None:
    """Register effects, steps, listeners, uses of lists, and what the activity page says."""
    effects.register(WEBHOOK, WebhookEffect())
    effects.register(TELEGRAM, TelegramEffect())
    actions.register(Step.Kind.WEBHOOK, WebhookAction())
    actions.register(Step.Kind.NOTIFY, NotifyAction())
    telegram_events.register_own()
    list_uses.register(hooks_that_fill)
    secrets.also_rotate(rotate_waiting_calls)
    secrets.also_rotate(rotate_waiting_messages)
    register("connections", Topic(label=_("Connections"), kinds=_KINDS, subjects=_subjects))


def hooks_that_fill(contact_list: ContactList) -> list[ListUse]:
    """The open hooks that put people on the list."""
    hooks = IncomingHook.objects.filter(contact_list=contact_list, archived_at=None).select_related("school")
    return [
        ListUse(label=hook.name, path=reverse("connections:hook", args=[hook.school.slug, hook.token]), is_live=True)
        for hook in hooks.order_by("pk")
    ]


def _its_title(event: Event) -> str:
    return str(event.data.get("title", ""))


_KINDS = {
    "hook.created": Kind(_("Incoming webhook added"), "webhook"),
    "hook.changed": Kind(_("Incoming webhook changed"), "pencil"),
    "hook.rotated": Kind(_("Incoming webhook given a new address"), "rotate-cw"),
    "hook.archived": Kind(_("Incoming webhook archived"), "archive"),
    "hook.received": Kind(_("Another system told about a contact"), "webhook"),
    "channel.added": Kind(_("Telegram channel connected"), "send"),
    "channel.changed": Kind(_("Telegram channel changed"), "pencil"),
    "channel.removed": Kind(_("Telegram channel removed"), "trash-2", _its_title),
    "webhooks.secret_rotated": Kind(_("Signing secret of webhooks made"), "key-round"),
}


def _subjects(school: School, events: Sequence[Event]) -> dict[int, Subject]:
    wanted: dict[str, set[int]] = {}
    for event in events:
        wanted.setdefault(event.subject_kind, set()).add(event.subject_id or 0)
    found = {(kind, pk): subject for kind, pks in wanted.items() for pk, subject in _named(school, kind, pks).items()}
    keys = {event.pk: (event.subject_kind, event.subject_id or 0) for event in events}
    return {pk: found[key] for pk, key in keys.items() if key in found}


def _named(school: School, kind: str, pks: set[int]) -> dict[int, Subject]:
    if kind == "incominghook":
        return {
            hook.pk: Subject(hook.name, reverse("connections:hook", args=[school.slug, hook.token]))
            for hook in IncomingHook.objects.filter(pk__in=pks)
        }
    if kind == "telegramchannel":
        return {
            channel.pk: Subject(channel.name, reverse("connections:channel", args=[school.slug, channel.token]))
            for channel in TelegramChannel.objects.filter(pk__in=pks)
        }
    if kind == "contact":
        return {
            contact.pk: Subject(str(contact), reverse("contacts:card", args=[school.slug, contact.token]))
            for contact in Contact.objects.filter(pk__in=pks)
        }
    return {}
