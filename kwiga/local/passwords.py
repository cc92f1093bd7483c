"""Passwords and keys of this machine: made once at random, kept in `.data/secrets.json` for this user alone."""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from kwiga.local.errors import CommandError
from kwiga.local.paths import write_private
from kwiga.local.roles import OWNER, ROLES


def _password() -> str:
    """Needs no quoting in an address."""
    return secrets.token_urlsafe(24)


def _key_ring() -> str:
    """A ring of one 32-byte key, as kwiga/vault.py reads it."""
    return f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}"


_MAKERS: Mapping[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "SECRETS_KEYS": _key_ring,
    "postgres": _password,
    "valkey": _password,
    OWNER: _password,
    **dict.fromkeys(ROLES, _password),
}


def new_secrets() -> dict[str, str]:
    """A fresh set, for servers that live as long as one command."""
    return {name: make() for name, make in _MAKERS.items()}


def keep_secrets(path: Path) -> dict[str, str]:
    """The set kept in that file; what is missing is made and kept."""
    try:
        kept = json.loads(path.read_text()) if path.exists() else {}
    except ValueError as error:
        raise CommandError(
            f"{path} is damaged: put its copy back, or remove it for new passwords and keys (what the old keys "
            "encrypted stays closed then)."
        ) from error
    complete = {**new_secrets(), **kept}
    if complete != kept:
        write_private(path, json.dumps(complete, indent=2) + "\n")
    return complete
