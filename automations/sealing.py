"""Personal texts that wait to be sent, unreadable to whoever reads the tables or a backup (trust D6)."""

from kwiga import vault
from schools.tenancy.scope import current_school_id


def seal(text: str, name: str) -> str:
    """The text as ciphertext, bound to the open scope's school and this name."""
    return vault.encrypt(text, school_id=current_school_id(), name=name)


def unseal(sealed: str, name: str) -> str:
    """The text again. Raises vault.VaultError for another school's, another name's, or a damaged one."""
    return vault.decrypt(sealed, school_id=current_school_id(), name=name)


def reseal(sealed: str, name: str) -> str:
    """The same text sealed under the first key of the ring."""
    return vault.rotate(sealed, school_id=current_school_id(), name=name)
