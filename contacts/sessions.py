"""Who is signed in on a school's host: a contact of that school, never a user."""

from datetime import timedelta
from typing import Any

from django.db.models import Q

from contacts.models import Contact
from kwiga import clock

CONTACT, VERSION, SCHOOL = "contact_id", "contact_version", "school_id"
SEEN_EVERY = timedelta(hours=1)


def signed_in_contact(request: Any) -> Contact | None:
    """The contact whose session this is, within the scope of the request's school; also left at `request.contact`.

    One query when a session says that somebody signed in, none otherwise. A session of another school, or one older
    than the contact's last "sign out everywhere" or change of email, is nobody's (trust T6).
    """
    request.contact = _contact_of(request)
    return request.contact


def sign_in(request: Any, contact: Contact) -> None:
    """Begin a session of the contact under a new key; what the visitor's session held stays."""
    request.session.cycle_key()
    request.session[CONTACT], request.session[VERSION] = contact.pk, contact.session_version
    request.session[SCHOOL] = contact.school_id
    request.contact = contact


def sign_out(request: Any) -> None:
    """End this browser's session."""
    request.session.flush()
    request.contact = None


def note_visit(contact: Contact) -> None:
    """Remember that the contact was here, at most once an hour; no journal (architecture: a GET writes none)."""
    now = clock.now()
    if contact.last_seen_at is None or contact.last_seen_at <= now - SEEN_EVERY:
        due = Q(last_seen_at=None) | Q(last_seen_at__lte=now - SEEN_EVERY)
        Contact.objects.filter(due, pk=contact.pk).update(last_seen_at=now)


def _contact_of(request: Any) -> Contact | None:
    held = request.session
    if not request.is_site or held.get(SCHOOL) != request.school.pk or not held.get(CONTACT):
        return None
    return Contact.objects.known().filter(pk=held[CONTACT], session_version=held.get(VERSION)).first()
