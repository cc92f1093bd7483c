"""Production settings: `check --deploy` is content with them, and with nothing less."""

import re
import subprocess
from typing import Any

import pytest
from django.conf import settings as project_settings
from pytest_django import Settings

from kwiga.checks import check_key_ring
from tests.kwiga.test_settings import run, setting

PRODUCTION = {
    "BASE_URL": "https://shop.example",
    "DEBUG": "0",
    "DEMO": "0",
    "KEEP_MAIL_IN": "",
    "SMTP_URL": "smtp+tls://user:password@mail.example:587",
    "MAIL_FROM": "Shop <no-reply@shop.example>",
    "SECRET_KEY": "kX9vTq2LmR7wYb4NcHs8JdPz5GfA3uEoVi6ZxQtMnWyBrKhC0nE4uR7tS2aY",
    "TRUSTED_PROXIES": "10.0.0.0/8",
}


def check_deploy(**changes: str) -> subprocess.CompletedProcess[str]:
    return run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION | changes)


def test_production_is_clean() -> None:
    done = check_deploy()
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "no issues" in done.stdout


def test_each_weakness_is_refused() -> None:
    weak = {
        "DEBUG": "1",
        "DEMO": "1",
        "BASE_URL": "http://shop.example",
        "KEEP_MAIL_IN": "/tmp/mail",  # noqa: S108
        "MAIL_FROM": "",
        "TEST_BANK_URL": "http://127.0.0.1:8001",
        "SECRET_KEY": "short",
        "SECRETS_KEYS": "k1:c2hvcnQ=",
    }
    done = check_deploy(**weak)
    assert done.returncode == 1
    found = set(re.findall(r"(?:security|kwiga)\.[EW]\d+", done.stderr))
    https = {"security.W004", "security.W008", "security.W012", "security.W016"}
    ours = {"kwiga.E001", "kwiga.E002", "kwiga.E003", "kwiga.E004", "kwiga.W001"}
    assert found == https | ours | {"security.W009", "security.W018"}


@pytest.mark.parametrize("ring", ["", "no key at all", "k1:***", "k1:c2hvcnQ="])
def test_a_key_ring_that_cannot_be_read_is_refused(settings: Settings, ring: str) -> None:
    settings.SECRETS_KEYS = ring
    assert [message.id for message in check_key_ring(None)] == ["kwiga.E002"]


@pytest.mark.spec("T6")
def test_cookies_belong_to_one_host_and_to_https() -> None:
    names = ["SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"]
    names += ["SESSION_COOKIE_DOMAIN", "CSRF_COOKIE_DOMAIN", "SESSION_COOKIE_PATH", "SESSION_COOKIE_HTTPONLY"]
    names += ["SECURE_PROXY_SSL_HEADER", "USE_X_FORWARDED_HOST"]
    shown = setting(f"[getattr(settings, name) for name in {names}]", **PRODUCTION)
    proxy = ["HTTP_X_FORWARDED_PROTO", "https"]
    assert shown == ["__Host-session", "__Host-csrf", True, True, None, None, "/", True, proxy, False]


def test_no_proxy_is_believed_when_none_is_named() -> None:
    assert setting("settings.SECURE_PROXY_SSL_HEADER", **PRODUCTION | {"TRUSTED_PROXIES": ""}) is None


def test_no_script_or_style_can_be_smuggled_in() -> None:
    policy: Any = project_settings.SECURE_CSP
    sources = {source for values in policy.values() for source in values}
    assert policy["default-src"] == ["'none'"]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*"} & sources
