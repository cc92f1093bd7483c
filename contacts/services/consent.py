"""Verbs of consent: a contact wants news, wants none, or has an address that takes no mail."""

from django.db import transaction

from contacts.mailing.suppression import email_digest, release, suppress, suppressed
from contacts.models import Contact, Suppression
from contacts.services.people import lock_contact
from kwiga import clock
from schools.journal import record_event
from schools.models import User

__all__ = ["mark_bounced", "refusal_of", "subscribe", "suppressed", "unsubscribe"]

UNSUBSCRIBED, BOUNCED, SUPPRESSED, ERASED = "unsubscribed", "bounced", "suppressed", "erased"


def refusal_of(contact: Contact) -> str:
    """Why the contact may get no news, as a code; "" when they may. One query at most, in the open scope."""
    if contact.erased_at:
        return ERASED
    if contact.unsubscribed_at:
        return UNSUBSCRIBED
    if contact.bounced_at:
        return BOUNCED
    return SUPPRESSED if suppressed(contact.email) else ""


@transaction.atomic
def subscribe(*, contact: Contact, actor: User | None = None) -> Contact:
    """Write down that the contact wants news; takes back an earlier "no" and an address that refused mail once."""
    locked = lock_contact(contact)
    release(locked.email, *Suppression.Reason)
    if locked.consented_at and not locked.unsubscribed_at and not locked.bounced_at:
        return locked
    locked.consented_at, locked.unsubscribed_at, locked.bounced_at = clock.now(), None, None
    locked.save(update_fields=["consented_at", "unsubscribed_at", "bounced_at"])
    record_event("contact.subscribed", subject=locked, actor=actor)
    return locked


@transaction.atomic
def unsubscribe(*, contact: Contact, actor: User | None = None) -> Contact:
    """Write down that the contact wants no news. The address is remembered by its digest, whatever becomes of them."""
    locked = lock_contact(contact)
    suppress(email_digest(locked.email), Suppression.Reason.UNSUBSCRIBED)
    if locked.unsubscribed_at is None:
        locked.unsubscribed_at = clock.now()
        locked.save(update_fields=["unsubscribed_at"])
        record_event("contact.unsubscribed", subject=locked, actor=actor)
    return locked


@transaction.atomic
def mark_bounced(*, contact: Contact) -> Contact:
    """Write down that the mail server refuses the contact's address for good."""
    locked = lock_contact(contact)
    suppress(email_digest(locked.email), Suppression.Reason.BOUNCED)
    if locked.bounced_at is None:
        locked.bounced_at = clock.now()
        locked.save(update_fields=["bounced_at"])
        record_event("contact.bounced", subject=locked)
    return locked
