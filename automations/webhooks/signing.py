"""The school's signing secret, and the headers of Standard Webhooks made with it.

Receivers check `webhook-signature` against the secret. For a day behind a change both secrets sign, so that a receiver
can be told the new one in peace.
"""

import base64
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from standardwebhooks import Webhook

from kwiga import clock
from schools.journal import record_event
from schools.models import Secret, User
from schools.services.secrets import reveal_secrets, store_secret

NAME, PREVIOUS = "webhooks:signing", "webhooks:signing:previous"
OVERLAP = timedelta(hours=24)
_BYTES = 32


@transaction.atomic
def rotate_secret(*, actor: User | None) -> str:
    """Make a new secret and answer it, which is the only time it can be read."""
    known = reveal_secrets([NAME])
    if NAME in known:
        store_secret(name=PREVIOUS, value=known[NAME], actor=actor)
    fresh = f"whsec_{base64.b64encode(secrets.token_bytes(_BYTES)).decode()}"
    stored = store_secret(name=NAME, value=fresh, actor=actor)
    record_event("webhooks.secret_rotated", subject=stored, actor=actor)
    return fresh


def stored_secret() -> Secret | None:
    """The row of the open scope's school: when it was made and how it ends. None before the first one."""
    return Secret.objects.filter(name=NAME).first()


def signing_secrets() -> list[str]:
    """The secrets that sign just now, newest first; made when the school has none yet."""
    if stored_secret() is None:
        rotate_secret(actor=None)
    since = clock.now() - OVERLAP
    fresh = {row.name for row in Secret.objects.filter(name=PREVIOUS, updated_at__gt=since)}
    known = reveal_secrets([NAME, *fresh])
    return [known[name] for name in (NAME, PREVIOUS) if name in known]


def signature_headers(keys: Iterable[str], *, webhook_id: str, at: datetime, body: str) -> dict[str, str]:
    """The three headers of one try. The id is the same for every try, the time is its own."""
    signatures = [Webhook(key).sign(webhook_id, at, body) for key in keys]
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
