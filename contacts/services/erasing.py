"""Forgetting a person: what could name them goes, the books stay (trust D8)."""

from functools import reduce
from operator import or_

from django.db import transaction

from contacts.holdings import Names, holdings
from contacts.mailing.suppression import email_digest
from contacts.models import Contact, Suppression
from kwiga import clock
from schools.journal import record_event
from schools.models import User
from schools.tenancy.scope import current_school_id


@transaction.atomic
def erase_contact(*, contact: Contact, actor: User | None) -> Contact:
    """Take away all that could name the contact, in every app, in history and in what waits; twice does nothing.

    Orders, payments, tax and numbers stay as they are and belong to a contact without a name. Only a digest of each
    address stays, so that it gets no news and no import brings it back. Files and kept mail go after the commit,
    sessions by the worker. It cannot be undone.
    """
    locked = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    if locked.erased_at is not None:
        return locked
    names = names_of(locked)
    for digest in sorted(email_digest(email) for email in names.emails):
        _refuse_news(digest)
    _mark(locked)
    for holding in reversed(holdings()):
        holding.erase(locked)
    for holding in holdings():
        holding.forget(names)
    record_event("contact.erased", subject=locked, actor=actor)
    return locked


def names_of(contact: Contact) -> Names:
    """How the person was called anywhere, now and before."""
    return reduce(or_, (holding.names(contact) for holding in holdings()), Names())


def _refuse_news(digest: str) -> None:
    Suppression.objects.update_or_create(
        school_id=current_school_id(), email_digest=digest, defaults={"reason": Suppression.Reason.ERASED}
    )


def _mark(contact: Contact) -> None:
    contact.erased_at = contact.updated_at = clock.now()
    contact.session_version += 1
    contact.consented_at = contact.verified_at = contact.bounced_at = None
    contact.unsubscribed_at = contact.unsubscribed_at or contact.erased_at
    no_more = ("consented_at", "verified_at", "bounced_at", "unsubscribed_at")
    contact.save(update_fields=["erased_at", "updated_at", "session_version", *no_more])
