"""Secrets at rest (trust D6): AES-256-GCM under a ring of keys, bound to the school and the name of the field.

`SECRETS_KEYS` is "id:base64,id:base64": 32 bytes each, the first one encrypts, every one decrypts. A new key is put in
front, `manage.py rotate_secrets` rewrites what older keys hold, then the old one can go.
"""

import base64
import binascii
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_KEY_BYTES, _NONCE_BYTES = 32, 12


class VaultError(Exception):
    """The ciphertext does not open: another school's, another field's, damaged, or its key is not on the ring."""


def encrypt(plaintext: str, *, school_id: int, name: str) -> str:
    """`plaintext` sealed for this school and field under the first key: "key id:base64 of nonce and ciphertext"."""
    key_id, key = next(iter(_ring().items()))
    nonce = os.urandom(_NONCE_BYTES)
    sealed = nonce + AESGCM(key).encrypt(nonce, plaintext.encode(), _bound_to(key_id, school_id, name))
    return f"{key_id}:{base64.b64encode(sealed).decode()}"


def decrypt(ciphertext: str, *, school_id: int, name: str) -> str:
    """The plaintext that was sealed for this school and field. Raises VaultError for everything else."""
    key_id, _, encoded = ciphertext.partition(":")
    key = _ring().get(key_id)
    if key is None:
        raise VaultError("The key of this secret is not on the ring.")
    try:
        sealed = base64.b64decode(encoded, validate=True)
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        return AESGCM(key).decrypt(nonce, body, _bound_to(key_id, school_id, name)).decode()
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise VaultError("This secret was not sealed for this school and field, or is damaged.") from error


def is_current(ciphertext: str) -> bool:
    """Whether the first key of the ring sealed it."""
    return ciphertext.partition(":")[0] == next(iter(_ring()))


def rotate(ciphertext: str, *, school_id: int, name: str) -> str:
    """The same secret sealed under the first key; one that is already comes back as it is. Raises VaultError."""
    if is_current(ciphertext):
        return ciphertext
    return encrypt(decrypt(ciphertext, school_id=school_id, name=name), school_id=school_id, name=name)


def _bound_to(key_id: str, school_id: int, name: str) -> bytes:
    return f"{key_id}\0{school_id}\0{name}".encode()


def _ring() -> dict[str, bytes]:
    return _parsed(settings.SECRETS_KEYS)


@lru_cache(maxsize=4)
def _parsed(text: str) -> dict[str, bytes]:
    ring = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        key_id, _, encoded = entry.partition(":")
        try:
            ring[key_id] = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise ImproperlyConfigured(f"SECRETS_KEYS: the key {key_id!r} is not base64.") from error
        if not key_id or len(ring[key_id]) != _KEY_BYTES:
            raise ImproperlyConfigured(f"SECRETS_KEYS: the key {key_id!r} needs an id and {_KEY_BYTES} bytes.")
    if not ring:
        raise ImproperlyConfigured("SECRETS_KEYS names no key.")
    return ring
