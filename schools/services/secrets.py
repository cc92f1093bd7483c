"""Verbs of a school's secrets: provider keys, passwords. Pages show the last four characters and nothing more."""

from collections.abc import Callable, Iterable

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kwiga import clock, vault
from kwiga.errors import DomainError
from schools.journal import record_event
from schools.models import Secret, User
from schools.tenancy.scope import current_school_id

_others: list[Callable[[], int]] = []


def also_rotate(rotation: Callable[[], int]) -> None:
    """Let `rotate_others` call `rotation`, which seals what an app keeps elsewhere anew and answers how much."""
    if rotation not in _others:
        _others.append(rotation)


class SecretMissing(DomainError):
    """The school has stored nothing under this name."""


@transaction.atomic
def store_secret(*, name: str, value: str, actor: User | None) -> Secret:
    """Seal `value` under `name` in the open scope's school, over what was there.

    The last four characters are kept readable, of a value too short for that none.
    """
    school_id = current_school_id()
    written = {
        "ciphertext": vault.encrypt(value, school_id=school_id, name=name),
        "last_four": value[-4:] if len(value) >= 12 else "",
        "updated_at": clock.now(),
    }
    secret, _created = Secret.objects.update_or_create(school_id=school_id, name=name, defaults=written)
    record_event("secret.stored", subject=secret, actor=actor, data={"name": name})
    return secret


def reveal_secret(*, name: str) -> str:
    """The stored value, for the call that needs it; never for a page.

    Raises SecretMissing, and vault.VaultError when it does not open.
    """
    secret = Secret.objects.filter(name=name).first()
    if secret is None:
        raise SecretMissing(_("Nothing is stored under this name."))
    return vault.decrypt(secret.ciphertext, school_id=secret.school_id, name=secret.name)


def reveal_secrets(names: Iterable[str]) -> dict[str, str]:
    """Those of these names that are stored, opened, in one statement; for the call that needs them, never for a page.

    Raises vault.VaultError when one does not open.
    """
    found = Secret.objects.filter(name__in=list(names))
    return {each.name: vault.decrypt(each.ciphertext, school_id=each.school_id, name=each.name) for each in found}


def rotate_others() -> int:
    """Call what `also_rotate` was given, in the open scope; answers how many were sealed again."""
    return sum(rotation() for rotation in _others)


@transaction.atomic
def rotate_secrets() -> int:
    """Seal what older keys hold again under the first key; answers how many. Safe beside `store_secret`."""
    outdated = [
        pk for pk, ciphertext in Secret.objects.values_list("pk", "ciphertext") if not vault.is_current(ciphertext)
    ]
    secrets = Secret.objects.filter(pk__in=outdated).order_by("pk").select_for_update(of=("self",))
    count = 0
    for secret in secrets:
        secret.ciphertext = vault.rotate(secret.ciphertext, school_id=secret.school_id, name=secret.name)
        secret.save(update_fields=["ciphertext"])
        count += 1
    return count
