"""The ways in, as a browser takes them, for tests of accounts."""

import re
from typing import Any

from django.core import mail
from django.test import Client

SIGNUP, LOGIN, CODE = "/accounts/signup/", "/accounts/login/", "/accounts/login/code/"
CONFIRM_EMAIL, CONFIRM_CODE = "/accounts/confirm-email/", "/accounts/login/code/confirm/"
RESET, CONFIRM_RESET = "/accounts/password/reset/", "/accounts/password/reset/confirm/"
PASSWORD = "correct horse battery"
EMAIL = "new@example.test"


def code_in(text: str) -> str:
    """The code on a line of its own."""
    found = re.search(r"^\w{4}-\w{4}\b", text, re.MULTILINE)
    assert found, text
    return found[0]


def code_in_last_mail() -> str:
    return code_in(str(mail.outbox[-1].body))


def sign_up(client: Client, email: str = EMAIL, **more: Any) -> Any:
    return client.post(SIGNUP, {"email": email, "password1": PASSWORD, **more})


def signed_in(client: Client) -> bool:
    return client.get("/schools/").status_code == 200
