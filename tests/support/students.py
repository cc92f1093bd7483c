"""The way in for students, as a browser takes it."""

import re
from typing import Any

from django.core import mail
from django.test import Client

from schools.outbox.drain import drain

SIGN_IN, CODE = "/sign-in/", "/sign-in/code/"
WRONG = "This code is not right, or works no longer."


def code_in(text: str) -> str:
    """The six digits on a line of their own."""
    found = re.search(r"^(\d{6})$", text, re.MULTILINE)
    assert found, text
    return found[1]


def code_mailed() -> str:
    """The code of the last mail, once the worker has sent what waits."""
    drain()
    return code_in(str(mail.outbox[-1].body))


def ask_for_code(client: Client, email: str, **more: Any) -> Any:
    return client.post(SIGN_IN, {"email": email, **more})


def sign_in(client: Client, email: str, **more: Any) -> Any:
    """The whole way; the answer to the right code."""
    ask_for_code(client, email, **more)
    return client.post(CODE, {"code": code_mailed()})


def is_signed_in(client: Client) -> bool:
    return client.get("/me/profile/").status_code == 200
