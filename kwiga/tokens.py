"""Random strings for addresses and links."""

import hashlib
import secrets
import string

_ALPHANUMERIC = string.ascii_letters + string.digits


def address_token(length: int = 12) -> str:
    """A random part of a public address: letters and digits, 71 bits at 12 characters. Not a secret."""
    return "".join(secrets.choice(_ALPHANUMERIC) for _ in range(length))


def secret_token() -> str:
    """128 random bits for a link that opens something (ASVS 11.5.1); store only its `digest`."""
    return secrets.token_urlsafe(16)


def digest(token: str) -> str:
    """SHA-256 of a secret token as 64 hexadecimal characters."""
    return hashlib.sha256(token.encode()).hexdigest()
