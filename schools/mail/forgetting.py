"""Mail to a person who is to be forgotten, or about them: what has not gone out is not sent, and its order is wiped."""

import json
import re
from collections.abc import Collection
from typing import Any

from kwiga import clock, vault
from schools.mail.sealing import Order, unseal
from schools.models import Member, OutboxRow
from schools.tenancy.scope import current_school_id


def forget_mail(emails: Collection[str], words: Collection[str] = ()) -> int:
    """Wipe the orders of mail of the open scope's school that were not sent and speak of one of these addresses.

    `emails` are in lower case. `words` are names and numbers of the person: by them alone only mail to the team is
    found, since others may be called the same. A mail that is on its way at this moment is wiped by whoever sends it.
    """
    members = Member.objects.filter(school_id=current_school_id())
    team = frozenset(email.lower() for email in members.values_list("user__email", flat=True))
    known_as = re.compile(
        "|".join(rf"(?<!\w){re.escape(_said(word))}(?!\w)" for word in words) or r"(?!)", re.IGNORECASE
    )
    rows = OutboxRow.objects.filter(kind="mail", done_at=None).order_by("id").select_for_update(of=("self",))
    theirs = [row.pk for row in rows if (order := _order_of(row)) and _speaks_of(order, emails, known_as, team)]
    return OutboxRow.objects.filter(pk__in=theirs).update(payload={}, done_at=clock.now(), dead_at=None)


def _said(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).strip('"')


def _order_of(row: OutboxRow) -> Order | None:
    try:
        return unseal(row.payload["sealed"], row.dedupe_key)
    except (KeyError, vault.VaultError):
        return None


def _speaks_of(order: Order, emails: Collection[str], known_as: re.Pattern[str], team: frozenset[str]) -> bool:
    text = f"{order.to} {_said(order.context)}"
    if any(email in text.lower() for email in emails):
        return True
    return order.to.lower() in team and known_as.search(text) is not None
