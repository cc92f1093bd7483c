"""Sessions of people who were erased: the table belongs to no school, so the worker looks through it afterwards."""

from collections.abc import Iterable
from typing import Any

from django.contrib.sessions.models import Session
from django.utils.translation import gettext_lazy as _

from contacts.emails import normalize_email
from kwiga.tokens import address_token, digest
from schools.models import OutboxRow
from schools.outbox.effects import TransactionalEffect, register
from schools.outbox.queue import enqueue

KIND = "forget_sessions"
PIECE = 2_000


class ForgetEffect(TransactionalEffect):
    """End the sessions that hold one of the addresses, known by their digests; the rest is the next row's."""

    label = _("Erasure")

    def apply(self, row: OutboxRow) -> None:
        """Look through the sessions behind the last one that was looked at."""
        digests = set(row.payload["digests"])
        piece = list(Session.objects.filter(session_key__gt=row.payload["behind"]).order_by("session_key")[:PIECE])
        theirs = [session.session_key for session in piece if _texts_of(session) & digests]
        Session.objects.filter(session_key__in=theirs).delete()
        if len(piece) == PIECE:
            _enqueue(row.payload["digests"], row.payload["run"], piece[-1].session_key)


def register_own() -> None:
    """Register the effect of this module."""
    register(KIND, ForgetEffect())


def forget_sessions_later(emails: Iterable[str]) -> None:
    """Have the worker end every session that holds one of these addresses."""
    _enqueue(sorted(digest(email) for email in emails), address_token(), "")


def _enqueue(digests: list[str], run: str, behind: str) -> None:
    payload = {"digests": digests, "run": run, "behind": behind}
    enqueue(KIND, dedupe_key=f"{run}:{digest(behind)[:16]}", payload=payload)


def _texts_of(session: Session) -> set[str]:
    """Digests of the addresses that the session holds, at any depth."""
    found: set[str] = set()
    waiting: list[Any] = [session.get_decoded()]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, str) and "@" in each:
            found.add(digest(normalize_email(each)))
    return found
