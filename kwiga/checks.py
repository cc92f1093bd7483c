"""For `check --deploy`: what Django cannot know about this product's settings."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured

from kwiga import vault


def check_key_ring(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """A ring that cannot be read would be noticed by the first mail."""
    try:
        vault.encrypt("", school_id=0, name="check")
    except ImproperlyConfigured as error:
        hint = 'One key: "k1:" and the output of `openssl rand -base64 32`.'
        return [Error(str(error), hint=hint, id="kwiga.E002")]
    return []


def check_no_demo(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """The demo's passwords are printed in the README."""
    return [Error("DEMO is on.", hint="Unset DEMO.", id="kwiga.E003")] if settings.DEMO else []


def check_no_test_bank(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Courses would be opened for money that does not exist."""
    set_up = bool(settings.TEST_BANK_URL)
    return [Error("TEST_BANK_URL is set.", hint="Unset TEST_BANK_URL.", id="kwiga.E004")] if set_up else []


def check_sender(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Mail servers refuse a sender without a real domain."""
    if "@localhost" not in settings.MAIL_FROM:
        return []
    return [Warning("Mail comes from an address at localhost.", hint="Set MAIL_FROM.", id="kwiga.W001")]
