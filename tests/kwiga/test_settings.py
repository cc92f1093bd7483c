"""What the settings ask of the environment, and what each process may see of the database."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.support.database import ROOT, environment_for

SHOW = "import json, sys; from django.conf import settings; print(json.dumps(eval(sys.argv[1])))"

USERS = "{alias: database['USER'] for alias, database in settings.DATABASES.items()}"


def run(*command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """A fresh process with nothing but what a service of the product gets, changed so; an empty value unsets."""
    environment = environment_for("kwiga") | {"DJANGO_SETTINGS_MODULE": "kwiga.settings"} | changes
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # the browser tests alone need it
    kept = {name: value for name, value in environment.items() if value or name == "KWIGA_ENV_FILE"}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=kept, capture_output=True, text=True, check=False, timeout=60
    )


def setting(expression: str, **changes: str) -> object:
    done = run("-c", SHOW, expression, **changes)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("variable", ["SECRET_KEY", "SECRETS_KEYS", "APP_DATABASE_URL"])
def test_a_missing_variable_is_one_sentence(variable: str) -> None:
    done = run("manage.py", "check", **{variable: ""})
    assert done.returncode == 1
    assert done.stderr == f"Set {variable}: .env.example says what it is, and bin/demo sets it by itself.\n"


def test_migrations_ask_for_the_owner_in_one_sentence() -> None:
    done = run("manage.py", "migrate", DATABASE_URL="")
    assert done.returncode == 1
    assert done.stderr.strip() == "CommandError: Migrations run as the owner of the database: set DATABASE_URL."


def test_a_web_process_holds_one_login() -> None:
    logins = {"DATABASE_URL": "", "RELAY_DATABASE_URL": "", "OPS_DATABASE_URL": ""}
    assert setting(USERS, **logins) == {"default": "shop_app"}


def test_each_login_has_an_alias() -> None:
    assert setting(USERS) == {"default": "shop_app", "relay": "shop_relay", "ops": "shop_ops", "owner": "shop_owner"}


def test_pages_and_workers_have_a_time_limit_and_reports_have_none() -> None:
    databases: dict[str, Any] = settings.DATABASES
    limits = {alias: database["OPTIONS"]["options"].split()[1] for alias, database in databases.items()}
    limited, unlimited = "statement_timeout=5000", "statement_timeout=0"
    assert limits == {"default": limited, "relay": limited, "ops": unlimited, "owner": unlimited}


def test_the_real_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("MAIL_FROM='File <file@example.test>'\nSTATIC_ROOT='/from/file'\n")
    changes = {"KWIGA_ENV_FILE": str(file), "MAIL_FROM": "Real <real@example.test>", "STATIC_ROOT": ""}
    assert setting("[settings.MAIL_FROM, settings.STATIC_ROOT]", **changes) == [
        "Real <real@example.test>",
        "/from/file",
    ]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.test:2525", ["mail.test", 2525, "", "", False, False]),
        ("smtp+tls://me%40x.test:p%2Fw@mail.test:587", ["mail.test", 587, "me@x.test", "p/w", True, False]),
        ("smtps://me:pw@mail.test:465", ["mail.test", 465, "me", "pw", False, True]),
    ],
)
def test_the_mail_server_is_one_address(url: str, expected: list[object]) -> None:
    names = "['host', 'port', 'username', 'password', 'use_tls', 'use_ssl']"
    options = f"[settings.MAILERS['default']['OPTIONS'][name] for name in {names}]"
    assert setting(options, SMTP_URL=url, KEEP_MAIL_IN="") == expected


def test_nothing_of_this_machine_is_read_by_the_tests() -> None:
    assert os.environ.get("KWIGA_ENV_FILE", "") == ""


def test_what_the_address_of_the_database_asks_for_is_kept() -> None:
    url = "postgresql://shop_app:x@db.example.test/kwiga?sslmode=require&connect_timeout=9"
    options = "settings.DATABASES['default']['OPTIONS']"
    assert setting(
        f"[{options}['sslmode'], {options}['connect_timeout'], {options}['keepalives_count']]", APP_DATABASE_URL=url
    ) == [
        "require",
        9,
        3,
    ]
