"""What a waiting mail says to whom, unreadable to whoever reads the outbox, its dumps or its backups (trust D6)."""

import json
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from kwiga import vault
from schools.models import OutboxRow
from schools.tenancy.scope import current_school_id


@dataclass(frozen=True)
class Order:
    """A mail as it was ordered."""

    to: str
    language: str
    context: dict[str, Any]
    unsubscribe_url: str = ""  # where one POST ends such mails (RFC 8058); "" for mails that cannot be ended


def seal(order: Order, dedupe_key: str) -> str:
    """The order as ciphertext, bound to the open scope's school and this key."""
    text = json.dumps([order.to, order.language, order.context, order.unsubscribe_url])
    return vault.encrypt(text, school_id=current_school_id(), name=_name(dedupe_key))


def unseal(sealed: str, dedupe_key: str) -> Order:
    """The order again. Raises vault.VaultError for another school's, another key's, or a damaged one."""
    return Order(*json.loads(vault.decrypt(sealed, school_id=current_school_id(), name=_name(dedupe_key))))


@transaction.atomic
def rotate_waiting_mail() -> int:
    """Seal the mail that the open scope's school has not sent yet again under the first key; answers how many."""
    count = 0
    for row in OutboxRow.objects.filter(kind="mail", done_at=None).order_by("id").select_for_update(of=("self",)):
        sealed = row.payload["sealed"]
        if not vault.is_current(sealed):
            rotated = vault.rotate(sealed, school_id=row.school_id, name=_name(row.dedupe_key))
            row.payload = row.payload | {"sealed": rotated}
            row.save(update_fields=["payload"])
            count += 1
    return count


def _name(dedupe_key: str) -> str:
    return f"mail:{dedupe_key}"
