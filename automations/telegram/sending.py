"""Sentences for a channel: kept in the order they came, sent several at a time, at most twenty messages a minute (K34).

A channel has at most one open row in the outbox, numbered by `TelegramChannel.sending`. It takes all sentences that
wait and fit, and leaves the next row behind when some are left. The row of the channel is locked while either is
decided, so no sentence is left without a row.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from automations.models import TelegramChannel, TelegramMessage
from automations.sealing import seal, unseal
from automations.telegram.client import LONGEST, ChatGone, TooMany, clipped, length_of, send_message
from kwiga import clock
from kwiga.vault import VaultError
from schools.models import OutboxRow
from schools.outbox.claims import ATTEMPTS
from schools.outbox.effects import EffectError, ExternalEffect, NotYet
from schools.outbox.queue import enqueue
from schools.services.secrets import SecretMissing, reveal_secret
from schools.tenancy.scope import current_school_id, school_scope

KIND = "telegram"
# Twenty a minute for each chat, and one a second.
PACE = timedelta(seconds=3)
# How long a chat is left to the process that sends to it; longer than its call can take.
_TURN = timedelta(seconds=15)
LONGEST_SENTENCE = 1000
_BETWEEN = "\n\n"


@transaction.atomic
def say(*, channel: TelegramChannel, text: str, dedupe_key: str) -> bool:
    """Let the channel's chat read `text`, once for each key; False when the channel is off or broken.

    The text is sealed while it waits and wiped when it is out.
    """
    locked = TelegramChannel.objects.select_for_update(of=("self",)).get(pk=channel.pk)
    if not locked.is_on or locked.broken_at:
        return False
    known = TelegramMessage.objects.filter(channel=locked, dedupe_key=dedupe_key)
    if not known.exists():
        sealed = seal(clipped(text.replace("\x00", "").strip() or "…", LONGEST_SENTENCE), _name(dedupe_key))
        TelegramMessage.objects.create(
            school_id=current_school_id(), channel=locked, dedupe_key=dedupe_key, text=sealed
        )
        _see_to_it(locked)
    return True


def secret_name(channel: TelegramChannel) -> str:
    """Under which name the token of the channel's bot is stored."""
    return f"telegram:{channel.token}:bot"


def waiting(channel: TelegramChannel) -> QuerySet[TelegramMessage]:
    """The sentences that have not gone out, oldest first."""
    return TelegramMessage.objects.filter(channel=channel, sent_at=None, dropped_at=None).order_by("pk")


def forget(texts: Collection[str]) -> None:
    """Let go of the sentences that wait and speak of somebody; `texts` are in lower case."""
    rows = TelegramMessage.objects.filter(sent_at=None, dropped_at=None)
    theirs = [row.pk for row in rows if _speaks_of(row, texts)]
    TelegramMessage.objects.filter(pk__in=theirs).update(text="", dropped_at=clock.now())


def _speaks_of(message: TelegramMessage, texts: Collection[str]) -> bool:
    try:
        said = _read(message).lower()
    except VaultError:  # nobody can send it, and nobody can say of whom it speaks
        return True
    return any(text in said for text in texts)


def break_off(channel: TelegramChannel, reason: str) -> None:
    """Mark the channel broken and let go of what waits for it; whatever is told meanwhile is not kept either."""
    channel.broken_at, channel.last_error = clock.now(), reason[:200]
    channel.save(update_fields=["broken_at", "last_error"])
    drop_waiting(channel)


def drop_waiting(channel: TelegramChannel) -> None:
    """Nothing that waits is sent any more."""
    waiting(channel).update(dropped_at=clock.now(), text="")


@dataclass(frozen=True, kw_only=True)
class Burst:
    """Several sentences as one message."""

    school_id: int
    channel_id: int
    attempt: int
    bot_token: str
    chat_id: str
    text: str
    message_ids: tuple[int, ...]


class TelegramEffect(ExternalEffect[Burst, Burst]):
    """Telegram knows no repeats: whoever is killed between its answer and the record says the same again."""

    label = _("Message in Telegram")

    def prepare(self, row: OutboxRow) -> Burst | None:
        together = _same_chat(row.payload["channel"])
        channel = next((each for each in together if each.pk == row.payload["channel"]), None)
        if channel is None:
            return None
        if not channel.is_on or channel.broken_at:
            drop_waiting(channel)
            return None
        rows = _that_fit(channel)
        if not rows:
            return None
        try:
            bot_token = reveal_secret(name=secret_name(channel))
        except SecretMissing:
            break_off(channel, "Unauthorized")
            return None
        _take_turn(channel, together)
        return Burst(
            school_id=row.school_id,
            channel_id=channel.pk,
            attempt=row.attempts,
            bot_token=bot_token,
            chat_id=channel.chat_id,
            text=_BETWEEN.join(text for _pk, text in rows),
            message_ids=tuple(pk for pk, _text in rows),
        )

    def perform(self, prepared: Burst) -> Burst:
        try:
            send_message(bot_token=prepared.bot_token, chat_id=prepared.chat_id, text=prepared.text)
        except TooMany as asked:
            until = clock.now() + timedelta(seconds=asked.seconds)
            _pass_turn(prepared, until)
            raise NotYet(until) from asked
        except ChatGone as gone:
            _give_up(prepared, str(gone))
        except EffectError as error:
            _pass_turn(prepared, clock.now())
            if prepared.attempt < ATTEMPTS or type(error) is not EffectError:
                raise
            _give_up(prepared, str(error))
        return prepared

    def record(self, row: OutboxRow, outcome: Burst) -> None:
        channel = TelegramChannel.objects.select_for_update(of=("self",)).get(pk=outcome.channel_id)
        sent = waiting(channel).filter(pk__in=outcome.message_ids)
        if sent.update(sent_at=clock.now(), text=""):
            _pause(channel, clock.now() + PACE)
        if waiting(channel).exists():
            _open_row(channel)


def _see_to_it(channel: TelegramChannel) -> None:
    """A row that takes the sentence with it: the open one, or a new one."""
    key = _row_key(channel)
    if not OutboxRow.objects.filter(kind=KIND, dedupe_key=key, done_at=None, dead_at=None).exists():
        _open_row(channel)


def _open_row(channel: TelegramChannel) -> None:
    channel.sending += 1
    channel.save(update_fields=["sending"])
    due = channel.quiet_until if channel.quiet_until and channel.quiet_until > clock.now() else None
    enqueue(KIND, dedupe_key=_row_key(channel), payload={"channel": channel.pk}, available_at=due)


def _row_key(channel: TelegramChannel) -> str:
    return f"channel:{channel.pk}:{channel.sending}"


def _that_fit(channel: TelegramChannel) -> list[tuple[int, str]]:
    """The oldest sentences that make one message together."""
    chosen: list[tuple[int, str]] = []
    room = LONGEST
    for message in waiting(channel)[:100]:
        text = _read(message)
        room -= length_of(text) + len(_BETWEEN)
        if chosen and room < 0:
            break
        chosen.append((message.pk, text))
    return chosen


def _take_turn(channel: TelegramChannel, together: list[TelegramChannel]) -> None:
    """Keep the chat for this process, or raise NotYet while it is another's turn or too early."""
    at = clock.now()
    until = max((each.quiet_until for each in together if each.quiet_until), default=at)
    if until > at:
        raise NotYet(until)
    _pause(channel, at + _TURN)


def _same_chat(channel_id: int) -> list[TelegramChannel]:
    """This channel and others that lead to its chat, locked in a fixed order; none when it was removed."""
    chats = TelegramChannel.objects.filter(pk=channel_id).values("chat_id")
    rows = TelegramChannel.objects.filter(chat_id__in=chats)
    return list(rows.order_by("pk").select_for_update(of=("self",)))


def _pause(channel: TelegramChannel, until: datetime) -> None:
    channel.quiet_until = until
    channel.save(update_fields=["quiet_until"])


def _pass_turn(burst: Burst, until: datetime) -> None:
    with school_scope(burst.school_id):
        _pause(_locked(burst), until)


def _give_up(burst: Burst, reason: str) -> None:
    with school_scope(burst.school_id):
        break_off(_locked(burst), reason)


def _locked(burst: Burst) -> TelegramChannel:
    return TelegramChannel.objects.select_for_update(of=("self",)).get(pk=burst.channel_id)


def _read(message: TelegramMessage) -> str:
    return unseal(message.text, _name(message.dedupe_key))


def _name(dedupe_key: str) -> str:
    return f"telegram:{dedupe_key}"
