import environ
import pytest

from kwiga.local.envfile import complete_environment, process_environment, write_env_file
from kwiga.local.errors import CommandError
from kwiga.local.passwords import keep_secrets
from kwiga.vault import _parsed

VARIABLES = {
    "DATABASE_URL": "postgres://shop_owner:a@127.0.0.1:1/kwiga",
    "APP_DATABASE_URL": "postgres://shop_app:b@127.0.0.1:1/kwiga",
    "RELAY_DATABASE_URL": "postgres://shop_relay:c@127.0.0.1:1/kwiga",
    "OPS_DATABASE_URL": "postgres://shop_ops:d@127.0.0.1:1/kwiga",
    "SECRET_KEY": 'it\'s \\n # "all" $kept',
}
LOGINS = {name for name in VARIABLES if name.endswith("DATABASE_URL")}


@pytest.mark.parametrize(
    ("process", "allowed"),
    [
        ("web", {"APP_DATABASE_URL"}),
        ("beat", {"APP_DATABASE_URL"}),
        ("worker", {"APP_DATABASE_URL", "RELAY_DATABASE_URL"}),
        ("another", set()),
    ],
)
def test_a_process_sees_no_other_login_than_it_may(monkeypatch, process, allowed):
    monkeypatch.setenv("DATABASE_URL", "postgres://inherited@127.0.0.1/kwiga")
    environment = process_environment(process, VARIABLES)
    assert LOGINS & environment.keys() == allowed
    assert environment["KWIGA_ENV_FILE"] == ""


def test_a_management_command_sees_all_logins_and_none_of_another_store(monkeypatch):
    monkeypatch.setenv("OPS_DATABASE_URL", "postgres://inherited@127.0.0.1/kwiga")
    environment = complete_environment({"DATABASE_URL": VARIABLES["DATABASE_URL"]})
    assert LOGINS & environment.keys() == {"DATABASE_URL"}


def test_the_settings_read_what_was_written(tmp_path, monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    write_env_file(tmp_path / "env", VARIABLES)
    environ.Env.read_env(str(tmp_path / "env"))
    assert {name: environ.Env().str(name) for name in VARIABLES} == VARIABLES


def test_only_the_owner_may_read_it(tmp_path):
    write_env_file(tmp_path / "env", VARIABLES)
    assert (tmp_path / "env").stat().st_mode & 0o777 == 0o600


def test_secrets_are_made_once_and_kept(tmp_path):
    first = keep_secrets(tmp_path / "secrets.json")
    assert keep_secrets(tmp_path / "secrets.json") == first
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert [len(key) for key in _parsed(first["SECRETS_KEYS"]).values()] == [32]


def test_damaged_secrets_are_not_replaced(tmp_path):
    (tmp_path / "secrets.json").write_text("{")
    with pytest.raises(CommandError, match="is damaged"):
        keep_secrets(tmp_path / "secrets.json")
    assert (tmp_path / "secrets.json").read_text() == "{"
