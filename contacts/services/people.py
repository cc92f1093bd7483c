"""Verbs of contacts: found or made, added, changed, signed out everywhere."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from contacts.emails import normalize_email
from contacts.models import Contact
from contacts.search import SEARCH_KIND, words_about
from kwiga import clock
from kwiga.errors import DomainError
from schools import search
from schools.journal import record_event
from schools.models import User
from schools.tenancy.scope import current_school_id


class EmailTaken(DomainError):
    """Another contact of this school has this email."""


@dataclass(frozen=True, kw_only=True)
class ContactFacts:
    """What people write about a contact. `language` is a code of the product, or empty when it is not known.

    `country` (ISO 3166) and `external_id` stay as they are when they are None.
    """

    email: str
    name: str = ""
    phone: str = ""
    language: str = ""
    country: str | None = None
    external_id: str | None = None


@transaction.atomic(savepoint=False)
def recognize_contact(
    *, email: str, name: str = "", phone: str = "", language: str = "", external_id: str = ""
) -> Contact:
    """The contact of the open scope's school with this email, made when there is none (K10).

    Fills what is empty and never overwrites. Safe when many come at once: exactly one makes the row. It stays locked
    to the end of the transaction, first in the order of locks.
    """
    typed = {"name": " ".join(name.split()), "phone": phone.strip(), "language": language, "external_id": external_id}
    fresh = Contact(school_id=current_school_id(), email=normalize_email(email), **typed)
    Contact.objects.bulk_create([fresh], ignore_conflicts=True)
    # READ COMMITTED: whoever lost the race has waited for the winner, and sees the winner's row.
    contact = Contact.objects.select_for_update(of=("self",), no_key=True).get(email=fresh.email)
    if contact.token == fresh.token:
        _tell_new(contact, None)
    else:
        _fill(contact, typed)
    return contact


@transaction.atomic
def note_external_id(*, contact: Contact, external_id: str) -> None:
    """Keep the number that another system knows the contact by, unless one is kept already (K05)."""
    _fill(contact, {"external_id": external_id})


@transaction.atomic
def add_contact(*, facts: ContactFacts, actor: User | None) -> Contact:
    """A new contact of the open scope's school. Raises EmailTaken."""
    contact = Contact(school_id=current_school_id(), **_cleaned(facts))
    try:
        with transaction.atomic():
            contact.save(force_insert=True)
    except IntegrityError as error:
        raise _taken() from error
    _tell_new(contact, actor)
    return contact


@transaction.atomic
def change_contact(*, contact: Contact, facts: ContactFacts, actor: User | None) -> Contact:
    """Write new facts; the journal names the fields that differ. No change, no event.

    Another email ends the contact's sessions and has to be confirmed by a code again. Raises EmailTaken.
    """
    locked = lock_contact(contact)
    wanted = _cleaned(facts)
    changed = [name for name, value in wanted.items() if getattr(locked, name) != value]
    if "email" in changed:
        locked.session_version += 1
        locked.verified_at = None
    if changed:
        _write(locked, {name: wanted[name] for name in changed}, ["session_version", "verified_at"], actor)
    return locked


@transaction.atomic
def confirm_email(*, contact: Contact, email: str) -> Contact:
    """Give the contact an email that they have just proved to be theirs; older sessions end. Raises EmailTaken."""
    locked, email = lock_contact(contact), normalize_email(email)
    if locked.email == email:
        return locked
    locked.session_version += 1
    locked.verified_at = clock.now()
    _write(locked, {"email": email}, ["session_version", "verified_at"], None)
    return locked


@transaction.atomic
def end_sessions(*, contact: Contact, actor: User | None = None) -> Contact:
    """Sign the contact out of every browser."""
    locked = lock_contact(contact)
    locked.session_version += 1
    locked.save(update_fields=["session_version"])
    record_event("contact.signed_out", subject=locked, actor=actor)
    return locked


def lock_contact(contact: Contact) -> Contact:
    """The contact's row as it is now, locked to the end of the transaction."""
    return Contact.objects.select_for_update(of=("self",), no_key=True).get(pk=contact.pk)


def _cleaned(facts: ContactFacts) -> dict[str, str]:
    said = {name: value for name, value in asdict(facts).items() if value is not None}
    return said | {
        "email": normalize_email(facts.email),
        "name": " ".join(facts.name.split()),
        "phone": facts.phone.strip(),
    }


def _fill(contact: Contact, typed: dict[str, str]) -> None:
    missing = {name: value for name, value in typed.items() if value and not getattr(contact, name)}
    if missing:
        _write(contact, missing, [], None)


def _write(contact: Contact, values: dict[str, str], also: Iterable[str], actor: User | None) -> None:
    for name, value in values.items():
        setattr(contact, name, value)
    contact.updated_at = clock.now()
    try:
        with transaction.atomic():
            contact.save(update_fields=[*values, "updated_at", *also])
    except IntegrityError as error:
        raise _taken() from error
    search.index(SEARCH_KIND, contact.pk, *words_about(contact))
    record_event("contact.changed", subject=contact, actor=actor, data={"fields": sorted(values)})


def _tell_new(contact: Contact, actor: User | None) -> None:
    search.index_new(SEARCH_KIND, contact.pk, *words_about(contact))
    record_event("contact.created", subject=contact, actor=actor)


def _taken() -> EmailTaken:
    return EmailTaken(_("Another contact has this email."))
