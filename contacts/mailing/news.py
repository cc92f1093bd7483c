"""Putting a text to a contact into the outbox: news when the contact may get some now, notices always."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import transaction

from contacts.mailing.limits import wait_for
from contacts.mailing.links import unsubscribe_url
from contacts.mailing.outcomes import NEWS, NOTICE
from contacts.models import Contact, SentMail
from contacts.services.consent import ERASED, refusal_of
from contacts.services.people import lock_contact
from schools.mail import InvalidRecipient, queue_mail
from schools.mail.letters import one_line
from schools.models import School
from schools.tenancy.scope import current_school_id

NO_ADDRESS = "no_address"
_SUBJECT_LENGTH = 200


@dataclass(frozen=True)
class Verdict:
    """What became of a text: for "skipped" and "later" the code of the reason, for "later" when to ask again (UTC)."""

    state: Literal["queued", "skipped", "later"]
    reason: str = ""
    until: datetime | None = None


_QUEUED = Verdict("queued")


@transaction.atomic(savepoint=False)
def queue_news(*, contact: Contact, subject: str, body: str, dedupe_key: str, at: datetime) -> Verdict:
    """Mail the contact news, if they want any and it is neither too late in the day nor too much for it.

    `body` is plain text, rendered, with empty lines between paragraphs. Nothing is written unless the verdict is
    "queued"; a second call with the same key changes nothing. Locks the contact.
    """
    locked = lock_contact(contact)
    if _is_known(dedupe_key):
        return _QUEUED
    if reason := refusal_of(locked):
        return Verdict("skipped", reason)
    school = School.objects.get(pk=current_school_id())
    if wait := wait_for(school, locked, at):
        return Verdict("later", wait.reason, wait.until)
    row = SentMail(dedupe_key=dedupe_key, is_news=True, subject=subject, created_at=at)
    return _queue(school, locked, row, body, unsubscribe_url(school, locked))


@transaction.atomic(savepoint=False)
def queue_notice(*, contact: Contact, subject: str, body: str, dedupe_key: str, at: datetime) -> Verdict:
    """Mail the contact a text about something of theirs, an order for example: no consent, no limits, at any hour."""
    locked = lock_contact(contact)
    if _is_known(dedupe_key):
        return _QUEUED
    if locked.erased_at:
        return Verdict("skipped", ERASED)
    school = School.objects.get(pk=current_school_id())
    return _queue(school, locked, SentMail(dedupe_key=dedupe_key, subject=subject, created_at=at), body, "")


def _is_known(dedupe_key: str) -> bool:
    return SentMail.objects.filter(dedupe_key=dedupe_key).exists()


def _queue(school: School, contact: Contact, row: SentMail, body: str, unsubscribe: str) -> Verdict:
    try:
        queue_mail(
            template=NEWS if row.is_news else NOTICE,
            to=contact.email,
            language=contact.language or school.language,
            context={"subject": row.subject, "body": body, "unsubscribe": unsubscribe},
            dedupe_key=row.dedupe_key,
            unsubscribe_url=unsubscribe,
        )
    except InvalidRecipient:
        return Verdict("skipped", NO_ADDRESS)
    row.school_id, row.contact, row.subject = school.pk, contact, one_line(row.subject)[:_SUBJECT_LENGTH]
    row.save(force_insert=True)
    return _QUEUED
