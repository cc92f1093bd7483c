"""The link in a mail that leads to sign-in with the email filled in (K10). It opens nothing: the code does."""

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from kwiga.errors import DomainError
from schools.models import School
from schools.sites import site_url

LIFETIME = timedelta(days=60)
_SALT = "contacts.claim"


class LinkTooOld(DomainError):
    """It was signed by us, and its time is over."""


@dataclass(frozen=True)
class Claim:
    """Whom the link was mailed to, and the page of the school's site that it leads to ("" is the usual one)."""

    contact: Contact
    next: str


def claim_url(school: School, contact: Contact, next_path: str = "") -> str:
    """The absolute address to put into a mail; it holds ids and no personal data."""
    signed = signing.dumps([school.pk, contact.pk, next_path], salt=_SALT, compress=True)
    return site_url(school, "claim", signed)


def read_claim(signed: str) -> Claim | None:
    """What the link says, in the open scope; None for a forged one, and for another school's.

    Raises LinkTooOld.
    """
    try:
        school_id, contact_id, next_path = signing.loads(signed, salt=_SALT, max_age=LIFETIME)
    except signing.SignatureExpired as error:
        raise LinkTooOld(_("This link is too old. Sign in with the email you bought with.")) from error
    except signing.BadSignature:
        return None
    contact = Contact.objects.filter(school_id=school_id, pk=contact_id).first()
    return Claim(contact, next_path) if contact else None
