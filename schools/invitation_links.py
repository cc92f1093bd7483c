"""The link of an invitation: what it opens is known to the mail alone."""

from base64 import urlsafe_b64encode

from django.utils.crypto import salted_hmac

from kwiga.sites import root_url
from kwiga.tokens import digest
from schools.models import Invitation, School


def link_token(nonce: str) -> str:
    """The token that belongs to a nonce: 128 bits that nobody without SECRET_KEY can make, 22 characters.

    Tables hold the nonce (until the mail has left) and the token's digest; neither opens anything.
    """
    code = salted_hmac("schools.invitation", nonce, algorithm="sha256").digest()[:16]
    return urlsafe_b64encode(code).decode().rstrip("=")


def invitation_url(school: School, nonce: str) -> str:
    """The absolute address that the mail carries."""
    return root_url("schools:invitation", school.slug, link_token(nonce))


def invitation_of(token: str) -> Invitation | None:
    """The invitation of the open scope's school that this token belongs to, in whatever state."""
    return Invitation.objects.select_related("invited_by").filter(token_digest=digest(token)).first()
