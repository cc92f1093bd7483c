"""The link with which a person says "no more news", and can take that back. It opens nothing else and never ends."""

from dataclasses import dataclass

from django.core import signing

from contacts.mailing.suppression import email_digest
from contacts.models import Contact
from schools.models import School
from schools.sites import site_url

_SIGNER = signing.Signer(salt="contacts.unsubscribe")


@dataclass(frozen=True)
class Wish:
    """Who the link was mailed to: the contact, if the school still has one, and the digest of the address."""

    contact: Contact | None
    email_digest: str


def unsubscribe_url(school: School, contact: Contact) -> str:
    """The absolute address for a mail to the contact, on the school's host; it holds no personal data."""
    signed = _SIGNER.sign_object([school.pk, contact.pk, email_digest(contact.email)])
    return site_url(school, "unsubscribe", signed)


def read_wish(signed: str, school: School) -> Wish | None:
    """What the link says, in the open scope of the school; None for a forged one and for another school's."""
    try:
        school_id, contact_id, digest = _SIGNER.unsign_object(signed)
    except (signing.BadSignature, ValueError):
        return None
    if school_id != school.pk:
        return None
    return Wish(Contact.objects.filter(pk=contact_id).first(), digest)
