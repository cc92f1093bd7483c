"""The bot interface of Telegram, as far as the store asks: one message to one chat."""

import json
from typing import Any

from django.conf import settings

from kwiga import outbound
from schools.outbox.effects import EffectError, Outage

LONGEST = 4096  # in UTF-16 units, as Telegram counts
_WAIT_SECONDS = 30


class TooMany(Exception):
    """Telegram asks to wait `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(str(seconds))
        self.seconds = seconds


class ChatGone(Exception):
    """The bot may not write to this chat, or there is no such bot or chat: its words are Telegram's."""


def send_message(*, bot_token: str, chat_id: str, text: str) -> None:
    """Post a plain text; nothing in it is markup, and links show no preview.

    Raises TooMany, ChatGone, Outage when Telegram cannot be reached, EffectError for its own failures.
    """
    url = f"{settings.TELEGRAM_API_BASE}/bot{bot_token}/sendMessage"
    said = {"chat_id": chat_id, "text": text, "link_preview_options": {"is_disabled": True}}
    try:
        answer = outbound.post(url, body=json.dumps(said).encode(), headers={"Content-Type": "application/json"})
    except (outbound.NoAnswer, outbound.AddressRefused) as error:
        # The address is the operator's, so that it cannot be reached is nobody's mistake.
        raise Outage(type(error).__name__) from None
    if not answer.is_ok:
        _raise(answer.status, _read(answer.text))


def length_of(text: str) -> int:
    """How long Telegram finds a text."""
    return len(text.encode("utf-16-le")) // 2


def clipped(text: str, units: int) -> str:
    """The text, cut so that it is no longer than so many units."""
    if length_of(text) <= units:
        return text
    cut = text.encode("utf-16-le")[: (units - 1) * 2].decode("utf-16-le", errors="ignore")
    return f"{cut}…"


def _raise(status: int, said: dict[str, Any]) -> None:
    if status == 429:
        raise TooMany(_seconds(said))
    if status >= 500:
        raise EffectError(f"TelegramRefused {status}")
    raise ChatGone(str(said.get("description") or status)[:200])


def _seconds(said: dict[str, Any]) -> int:
    parameters = said.get("parameters")
    stated = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return stated if isinstance(stated, int) and 0 < stated <= 86_400 else _WAIT_SECONDS


def _read(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
