"""Mail to a person who is to be forgotten: what has not gone out is not sent, and its order is wiped."""

from collections.abc import Collection

from kwiga import clock, vault
from schools.mail.sealing import unseal
from schools.models import OutboxRow


def forget_mail(emails: Collection[str]) -> int:
    """Wipe the orders of mail of the open scope's school that were not sent and speak of one of these addresses.

    `emails` are in lower case. A mail that is on its way at this moment is wiped by whoever sends it.
    """
    rows = OutboxRow.objects.filter(kind="mail", done_at=None).order_by("id").select_for_update(of=("self",))
    theirs = [row.pk for row in rows if _speaks_of(row, emails)]
    return OutboxRow.objects.filter(pk__in=theirs).update(payload={}, done_at=clock.now(), dead_at=None)


def _speaks_of(row: OutboxRow, emails: Collection[str]) -> bool:
    try:
        order = unseal(row.payload["sealed"], row.dedupe_key)
    except (KeyError, vault.VaultError):
        return False
    text = f"{order.to} {order.context}".lower()
    return any(email in text for email in emails)
