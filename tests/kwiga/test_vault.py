"""Secrets at rest: bound to school and field, under a ring of keys (trust D6)."""

import base64

import pytest
from django.core.exceptions import ImproperlyConfigured

from kwiga import vault
from kwiga.vault import VaultError

OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()


@pytest.fixture(autouse=True)
def ring(settings):
    settings.SECRETS_KEYS = OLD


def test_what_goes_in_comes_out():
    sealed = vault.encrypt("sk_live_ключ", school_id=1, name="stripe")
    assert vault.decrypt(sealed, school_id=1, name="stripe") == "sk_live_ключ"


def test_ciphertext_shows_nothing_and_is_new_each_time():
    first, second = (vault.encrypt("sk_live_canary", school_id=1, name="stripe") for _ in range(2))
    assert first != second
    assert b"canary" not in base64.b64decode(first.partition(":")[2])


@pytest.mark.spec("D6")
@pytest.mark.parametrize(("school_id", "name"), [(2, "stripe"), (1, "liqpay"), (1, "stripe ")])
def test_ciphertext_of_another_school_or_field_does_not_open(school_id, name):
    sealed = vault.encrypt("sk_live", school_id=1, name="stripe")
    with pytest.raises(VaultError):
        vault.decrypt(sealed, school_id=school_id, name=name)


@pytest.mark.parametrize(
    "spoil", [lambda s: s[:-4] + "AAA=", lambda s: "new" + s[3:], lambda s: "old:@@@", lambda s: ""]
)
def test_damaged_ciphertext_does_not_open(spoil):
    sealed = vault.encrypt("sk_live", school_id=1, name="stripe")
    with pytest.raises(VaultError):
        vault.decrypt(spoil(sealed), school_id=1, name="stripe")


def test_key_id_cannot_be_exchanged(settings):
    """Two ids of one key: the id is part of what is authenticated."""
    settings.SECRETS_KEYS = f"{OLD},twin:{OLD.partition(':')[2]}"
    sealed = vault.encrypt("sk_live", school_id=1, name="stripe")
    with pytest.raises(VaultError):
        vault.decrypt("twin:" + sealed.partition(":")[2], school_id=1, name="stripe")


@pytest.mark.spec("D6")
def test_rotation_outlives_the_old_key(settings):
    sealed = vault.encrypt("sk_live", school_id=1, name="stripe")
    settings.SECRETS_KEYS = f"{NEW},{OLD}"
    assert not vault.is_current(sealed)
    rotated = vault.rotate(sealed, school_id=1, name="stripe")
    settings.SECRETS_KEYS = NEW
    assert vault.is_current(rotated)
    assert vault.decrypt(rotated, school_id=1, name="stripe") == "sk_live"
    with pytest.raises(VaultError):
        vault.decrypt(sealed, school_id=1, name="stripe")


def test_rotation_leaves_current_ciphertext_alone():
    sealed = vault.encrypt("sk_live", school_id=1, name="stripe")
    assert vault.rotate(sealed, school_id=1, name="stripe") == sealed


@pytest.mark.parametrize("keys", ["", "k1", "k1:abc", "k1:" + base64.b64encode(b"short").decode(), ":" + OLD[4:]])
def test_useless_ring_is_refused_with_the_name_of_the_setting(settings, keys):
    settings.SECRETS_KEYS = keys
    with pytest.raises(ImproperlyConfigured, match="SECRETS_KEYS"):
        vault.encrypt("sk_live", school_id=1, name="stripe")
