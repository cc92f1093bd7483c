"""The demo's mail server: every message is kept as a file, and can be read at a mailbox page.

Each school's messages lie in a folder of its own, named by the school's id; the platform's in "platform".
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMessage
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from kwiga import clock, tokens

PLATFORM = "platform"
_NAME = re.compile(r"[0-9]{8}T[0-9]{12}-[A-Za-z0-9]{12}")


class KeepingBackend(BaseEmailBackend):
    """Keeps messages below `folder` and sends none. For the demo alone: `check --deploy` refuses it."""

    def __init__(self, folder: str, **options: Any) -> None:
        super().__init__(**options)
        self._folder = Path(folder)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            owner = getattr(message, "school_id", None) or PLATFORM
            self._keep(str(owner), message.message(policy=policy.SMTP).as_bytes())
        return len(email_messages)

    def _keep(self, owner: str, content: bytes) -> None:
        folder = self._folder / owner
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{clock.now():%Y%m%dT%H%M%S%f}-{tokens.address_token()}"
        # Under its name only when whole: a reader never sees half a message.
        half = folder / f".{name}"
        half.write_bytes(content)
        half.rename(folder / f"{name}.eml")


@dataclass(frozen=True, kw_only=True)
class KeptMessage:
    """A kept message as a page shows it. `text` and `html` are empty in a list."""

    name: str
    sender: str
    recipients: str
    reply_to: str
    subject: str
    message_id: str
    written_at: datetime | None
    text: str
    html: str


def kept_messages(owner: str, *, before: str = "", limit: int = 50) -> list[KeptMessage]:
    """The newest messages of a school (its id as text) or of the platform, older than the one named `before`."""
    names = sorted((path.stem for path in _folder(owner).glob("*.eml")), reverse=True)
    wanted = [name for name in names if _NAME.fullmatch(name) and (not before or name < before)]
    return [message for name in wanted[:limit] if (message := kept_message(owner, name))]


def kept_message(owner: str, name: str) -> KeptMessage | None:
    """One message; None when this owner has none of that name."""
    path = _folder(owner) / f"{name}.eml"
    if not _NAME.fullmatch(name) or not path.is_file():
        return None
    parsed = message_from_bytes(path.read_bytes(), policy=policy.default)
    date = getattr(parsed["Date"], "datetime", None)
    return KeptMessage(
        name=name,
        sender=_header(parsed, "From"),
        recipients=_header(parsed, "To"),
        reply_to=_header(parsed, "Reply-To"),
        subject=_header(parsed, "Subject"),
        message_id=_header(parsed, "Message-ID"),
        written_at=date,
        text=_body(parsed, "plain"),
        html=_body(parsed, "html"),
    )


def forget(owner: str, texts: Collection[str]) -> int:
    """Delete what was kept of this owner and says one of these texts, in whatever letters; how many messages."""
    if not settings.KEEP_MAIL_IN:
        return 0
    wanted = [text.casefold() for text in texts]
    hits = [path for path in _folder(owner).glob("*.eml") if any(text in _said_in(path) for text in wanted)]
    for path in hits:
        path.unlink(missing_ok=True)
    return len(hits)


def _said_in(path: Path) -> str:
    parsed = message_from_bytes(path.read_bytes(), policy=policy.default)
    headers = [f"{name}: {text}" for name, text in parsed.items()]
    return "\n".join([*headers, _body(parsed, "plain"), _body(parsed, "html")]).casefold()


def _header(message: ParsedMessage, name: str) -> str:
    return str(message[name] or "")


def _body(message: ParsedMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


def _folder(owner: str) -> Path:
    return Path(settings.KEEP_MAIL_IN) / owner


def check_mail_leaves(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """For `check --deploy`: a production that keeps its mail would send none and show it to strangers."""
    backend = settings.MAILERS["default"]["BACKEND"]
    if backend != "kwiga.mailbox.KeepingBackend" and not settings.KEEP_MAIL_IN:
        return []
    hint = "Unset KEEP_MAIL_IN and set SMTP_URL."
    return [Error("Mail is kept in a folder instead of being sent, as in the demo.", hint=hint, id="kwiga.E001")]
