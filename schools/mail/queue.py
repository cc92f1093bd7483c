"""Putting a mail into the outbox."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError

from kwiga.addresses import validate_address
from schools.mail.sealing import Order, seal
from schools.outbox.queue import enqueue


class InvalidRecipient(ValueError):
    """Not one plain email address."""


def queue_mail(
    *,
    template: str,
    to: str,
    language: str,
    context: dict[str, Any],
    dedupe_key: str,
    available_at: datetime | None = None,
    unsubscribe_url: str = "",
) -> None:
    """Order one mail in the open scope's transaction; a second order with the same key is dropped.

    `template` names emails/<template>_subject.txt, .txt and .html, rendered in `language` when the mail goes out, with
    `context` (JSON: ids, names, addresses of pages) and `school`. Recipient and context may be secret (an invitation's
    link) or personal: they lie encrypted in the outbox and are wiped when the mail is sent. `dedupe_key` is kept and
    shown, so it is made of ids. `unsubscribe_url` goes into the headers with which mailboxes offer to end such mails by
    one click (RFC 8058). Raises InvalidRecipient, and ValueError for a language the product does not speak.
    """
    try:
        validate_address(to)
    except ValidationError as error:
        raise InvalidRecipient("not an email address") from error
    if language not in dict(settings.LANGUAGES):
        raise ValueError(f"unknown language: {language}")
    payload = {"template": template, "sealed": seal(Order(to, language, context, unsubscribe_url), dedupe_key)}
    enqueue("mail", dedupe_key=dedupe_key, payload=payload, available_at=available_at)
