"""Verbs of Telegram channels."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from automations.models import TelegramChannel, TelegramMessage
from automations.sealing import reseal
from automations.telegram.client import ChatGone, TooMany, send_message
from automations.telegram.sending import break_off, drop_waiting, secret_name
from kwiga import vault
from kwiga.errors import DomainError
from schools.journal import record_event
from schools.models import Secret, User
from schools.outbox.effects import EffectError
from schools.services.secrets import reveal_secret, store_secret
from schools.tenancy.scope import current_school_id, refuse_in_scope

MOST_CHANNELS = 20


class ChannelRefused(DomainError):
    """The channel cannot be added, or a message cannot be posted there."""


@dataclass(frozen=True, kw_only=True)
class ChannelFacts:
    """What the form says. A bot token that is empty stays as it is."""

    name: str
    chat_id: str
    bot_token: str = ""
    events: Sequence[str] = ()
    names_people: bool = False
    is_on: bool = True


@transaction.atomic
def add_channel(*, facts: ChannelFacts, actor: User | None) -> TelegramChannel:
    """Connect a chat. Raises ChannelRefused without a token, or when there are twenty already."""
    if not facts.bot_token:
        raise ChannelRefused(_("Paste the token of the bot."))
    if TelegramChannel.objects.count() >= MOST_CHANNELS:
        raise ChannelRefused(_("A school has at most 20 channels. Remove one first."))
    channel = TelegramChannel.objects.create(school_id=current_school_id(), **_written(facts))
    store_secret(name=secret_name(channel), value=facts.bot_token, actor=actor)
    record_event("channel.added", subject=channel, actor=actor)
    return channel


@transaction.atomic
def change_channel(*, channel: TelegramChannel, facts: ChannelFacts, actor: User | None) -> TelegramChannel:
    """Write new facts. One that is switched off lets go of what waits; one that was broken gets another chance."""
    locked = _locked(channel)
    for name, value in _written(facts).items():
        setattr(locked, name, value)
    locked.broken_at, locked.last_error = None, ""
    locked.save(update_fields=[*_written(facts), "broken_at", "last_error"])
    if facts.bot_token:
        store_secret(name=secret_name(locked), value=facts.bot_token, actor=actor)
    if not locked.is_on:
        drop_waiting(locked)
    record_event("channel.changed", subject=locked, actor=actor)
    return locked


@transaction.atomic
def remove_channel(*, channel: TelegramChannel, actor: User | None) -> None:
    """Forget the chat, the bot's token and what waits for it."""
    locked = _locked(channel)
    record_event("channel.removed", actor=actor, data={"title": locked.name})
    Secret.objects.filter(name=secret_name(locked)).delete()
    locked.delete()


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A message that shows whether a channel works."""

    bot_token: str
    chat_id: str
    text: str


def trial_of(channel: TelegramChannel, school_name: str) -> Trial:
    """What the test button posts, read in the scope. Raises SecretMissing and VaultError."""
    token = reveal_secret(name=secret_name(channel))
    text = gettext("A test message from %(school)s. Messages arrive here.") % {"school": school_name}
    return Trial(bot_token=token, chat_id=channel.chat_id, text=text)


def post_trial(trial: Trial) -> None:
    """Post it now, with no scope open. Raises ChannelRefused with what went wrong, and ChatGone."""
    refuse_in_scope("A message in Telegram")
    try:
        send_message(bot_token=trial.bot_token, chat_id=trial.chat_id, text=trial.text)
    except TooMany as asked:
        words = {"seconds": asked.seconds}
        raise ChannelRefused(gettext("Telegram asks to wait %(seconds)s seconds.") % words) from asked
    except EffectError as error:
        raise ChannelRefused(_("Telegram does not answer. Try again later.")) from error


@transaction.atomic
def note_trial(*, channel: TelegramChannel, failure: ChatGone | None) -> None:
    """Write down what the test showed: the channel works, or why not."""
    locked = _locked(channel)
    if failure:
        break_off(locked, str(failure))
    elif locked.broken_at:
        locked.broken_at, locked.last_error = None, ""
        locked.save(update_fields=["broken_at", "last_error"])


@transaction.atomic
def rotate_waiting_messages() -> int:
    """Seal the sentences that wait in the open scope's school again under the first key; answers how many."""
    count = 0
    rows = TelegramMessage.objects.filter(sent_at=None, dropped_at=None).select_for_update(of=("self",))
    for message in rows.order_by("pk"):
        if not vault.is_current(message.text):
            message.text = reseal(message.text, f"telegram:{message.dedupe_key}")
            message.save(update_fields=["text"])
            count += 1
    return count


def _written(facts: ChannelFacts) -> dict[str, object]:
    return {
        "name": facts.name,
        "chat_id": facts.chat_id,
        "events": list(facts.events),
        "names_people": facts.names_people,
        "is_on": facts.is_on,
    }


def _locked(channel: TelegramChannel) -> TelegramChannel:
    return TelegramChannel.objects.select_for_update(of=("self",)).get(pk=channel.pk)
