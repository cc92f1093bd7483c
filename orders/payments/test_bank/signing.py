"""How the Test bank signs, as the store and the bank itself know it: HMAC over the time and the raw bytes."""

import hashlib
import hmac
import time

HEADER = "Test-Bank-Signature"
TOLERANCE_SECONDS = 300


def notice_secret(api_key: str) -> str:
    """What notices of that account are signed with."""
    return hmac.new(api_key.encode(), b"notices", hashlib.sha256).hexdigest()


def signature_of(secret: str, body: bytes, at: int) -> str:
    """The header's value: "t=1700000000,v1=hex"."""
    return f"t={at},v1={_digest(secret, body, at)}"


def is_genuine(secret: str, header: str, body: bytes, now: float | None = None) -> bool:
    """Whether the header was made with this secret over these bytes, no longer than five minutes ago."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    if not parts.get("t", "").isdecimal() or len(parts["t"]) > 12:
        return False
    at = int(parts["t"])
    fresh = abs((time.time() if now is None else now) - at) <= TOLERANCE_SECONDS
    return fresh and hmac.compare_digest(_digest(secret, body, at).encode(), parts.get("v1", "").encode())


def form_signature(secret: str, session_id: str) -> str:
    """What the form carries by which a buyer enters with a POST."""
    return hmac.new(secret.encode(), f"enter:{session_id}".encode(), hashlib.sha256).hexdigest()


def _digest(secret: str, body: bytes, at: int) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
