"""Addresses that get no news. Only their digests are kept, so that they outlive the contacts (trust D8)."""

from contacts.emails import normalize_email
from contacts.models import Suppression
from kwiga.tokens import digest
from schools.tenancy.scope import current_school_id
from schools.tenancy.statements import Given, Statement

_OF_ADDRESS = Statement(lambda: Suppression.objects.filter(email_digest=Given("digest")))


def email_digest(email: str) -> str:
    """Under what the open scope's school knows an address that it must not write to."""
    return digest(f"{current_school_id()}\0{normalize_email(email)}")


def suppressed(email: str) -> bool:
    """Whether news to this address are refused."""
    return bool(_OF_ADDRESS.all(digest=email_digest(email)))


def suppress(email_digest: str, reason: Suppression.Reason) -> None:
    """Refuse news to an address from now on. An address that is refused already keeps its first reason."""
    row = Suppression(school_id=current_school_id(), email_digest=email_digest, reason=reason)
    Suppression.objects.bulk_create([row], ignore_conflicts=True)


def release(email: str, *reasons: Suppression.Reason) -> None:
    """Let news go to the address again if it was refused for one of these reasons."""
    Suppression.objects.filter(email_digest=email_digest(email), reason__in=reasons).delete()
