"""Keys and passwords of schools: sealed, revealed to calls, rotated, in no dump (trust D6)."""

import base64

import psycopg
import pytest
from django.core.management import CommandError, call_command

from kwiga.vault import VaultError
from schools.models import Event, Secret
from schools.services.secrets import SecretMissing, reveal_secret, rotate_secrets, store_secret
from schools.tenancy.scope import school_scope
from tests.support.database import url_of

pytestmark = pytest.mark.django_db

OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()
CANARY = "sk_live_canary_7421"


@pytest.fixture(autouse=True)
def ring(settings):
    settings.SECRETS_KEYS = OLD


def test_store_and_reveal(scope, owner):
    secret = store_secret(name="stripe", value=CANARY, actor=owner)

    assert secret.last_four == "7421"
    assert CANARY not in secret.ciphertext
    assert reveal_secret(name="stripe") == CANARY
    event = Event.objects.get()
    assert (event.kind, event.actor, event.data) == ("secret.stored", owner, {"name": "stripe"})


def test_store_again_replaces(scope, owner):
    store_secret(name="stripe", value=CANARY, actor=owner)
    store_secret(name="stripe", value="sk_live_another_9999", actor=owner)
    assert reveal_secret(name="stripe") == "sk_live_another_9999"
    assert Secret.objects.get().last_four == "9999"


def test_a_short_value_shows_nothing_of_itself(scope, owner):
    assert store_secret(name="pin", value="12345678901", actor=owner).last_four == ""


def test_nothing_stored_nothing_revealed(scope):
    with pytest.raises(SecretMissing):
        reveal_secret(name="stripe")


def test_ciphertext_moved_to_another_school_does_not_open(school, other_school, owner):
    with school_scope(school):
        stolen = store_secret(name="stripe", value=CANARY, actor=owner).ciphertext
    with school_scope(other_school):
        store_secret(name="stripe", value="sk_live_of_red_1111", actor=None)
        Secret.objects.update(ciphertext=stolen)
        with pytest.raises(VaultError):
            reveal_secret(name="stripe")


def test_ciphertext_moved_to_another_field_does_not_open(scope, owner):
    stolen = store_secret(name="stripe", value=CANARY, actor=owner).ciphertext
    store_secret(name="liqpay", value="sk_live_of_liqpay_1", actor=owner)
    Secret.objects.filter(name="liqpay").update(ciphertext=stolen)
    with pytest.raises(VaultError):
        reveal_secret(name="liqpay")


def test_rotation_lets_the_old_key_go(scope, owner, settings):
    store_secret(name="stripe", value=CANARY, actor=owner)
    settings.SECRETS_KEYS = f"{NEW},{OLD}"
    store_secret(name="liqpay", value="sk_live_of_liqpay_1", actor=owner)

    assert rotate_secrets() == 1
    assert rotate_secrets() == 0

    settings.SECRETS_KEYS = NEW
    assert reveal_secret(name="stripe") == CANARY
    assert reveal_secret(name="liqpay") == "sk_live_of_liqpay_1"


def test_rotate_command_does_every_school_or_one(school, other_school, settings, capsys):
    for each in (school, other_school):
        with school_scope(each):
            store_secret(name="stripe", value=CANARY, actor=None)
    settings.SECRETS_KEYS = f"{NEW},{OLD}"

    call_command("rotate_secrets", "--school", "red")
    assert capsys.readouterr().out == "red: 1 rotated\n"
    call_command("rotate_secrets", "--all-schools")
    assert capsys.readouterr().out == "green: 1 rotated\nred: 0 rotated\n"


@pytest.mark.parametrize("arguments", [[], ["--school", "nobody"], ["--school", "green", "--all-schools"]])
def test_command_wants_one_school_or_all(school, arguments):
    with pytest.raises(CommandError):
        call_command("rotate_secrets", *arguments)


@pytest.mark.django_db(transaction=True)
def test_no_plaintext_in_a_dump(school, database_name):
    """What a backup reads: every column of every row, as text."""
    with school_scope(school):
        store_secret(name="stripe", value=CANARY, actor=None)
    with psycopg.connect(url_of("OPS_DATABASE_URL", database_name)) as connection:
        dumped = connection.execute("SELECT t::text FROM schools_secret t").fetchall()
        written = connection.execute("SELECT t::text FROM schools_event t").fetchall()
    assert len(dumped) == 1
    assert "stripe" in dumped[0][0]
    assert not any(CANARY in row for (row,) in dumped + written)
