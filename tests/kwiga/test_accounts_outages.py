"""Limits of signing in, mail servers that fail, and Redis away."""

import socket

import pytest
from django.core import mail
from django.core.cache import cache, caches
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext

from kwiga.accounts import MAIL_FAILED, AccountAdapter
from schools.models import User
from schools.tenancy.scope import ScopeError, school_scope
from tests.support.accounts import (
    CODE,
    CONFIRM_EMAIL,
    EMAIL,
    LOGIN,
    PASSWORD,
    RESET,
    SIGNUP,
    code_in,
    code_in_last_mail,
    sign_up,
    signed_in,
)
from tests.support.smtp import mail_server, mailers_for

pytestmark = pytest.mark.django_db

FAILED = str(MAIL_FAILED).partition(".")[0]


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def dead_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


# --- Limits ---


def test_five_wrong_passwords_and_the_right_one_waits_too(person, visitor):
    for _ in range(5):
        visitor().post(LOGIN, {"login": person.email, "password": "wrong password"})
    client = visitor()
    response = client.post(LOGIN, {"login": person.email, "password": PASSWORD})
    assert "Too many failed login attempts" in response.text
    assert not signed_in(client)


def test_another_port_in_the_host_does_not_begin_the_count_anew(person, visitor):
    for port in range(5):
        data = {"login": person.email, "password": "wrong password"}
        visitor().post(LOGIN, data, headers={"host": f"localhost:{8000 + port}"})
    response = visitor().post(LOGIN, {"login": person.email, "password": PASSWORD}, headers={"host": "localhost:9999"})
    assert "Too many failed login attempts" in response.text


def test_too_many_sign_ups_are_a_kind_page(visitor):
    answers = [visitor().post(SIGNUP, {"email": "x", "password1": "x"}) for _ in range(21)]
    assert [response.status_code for response in answers] == [200] * 20 + [429]
    assert answers[-1].headers["Retry-After"] == "60"
    assert "<h1>" in answers[-1].text


# --- When something is down ---


@pytest.mark.parametrize(("path", "field"), [(SIGNUP, "email"), (CODE, "email"), (RESET, "email")])
def test_a_mail_server_that_is_down_is_a_sentence_and_nothing_is_lost(
    person, visitor, settings, dead_port, path, field
):
    settings.MAILERS = mailers_for(dead_port)
    for email in (person.email, "nobody@example.test"):
        response = visitor().post(path, {field: email, "password1": PASSWORD})
        assert response.status_code == 200
        assert FAILED in response.text
        assert response.context["form"]["email"].value() == email
    assert list(User.objects.all()) == [person]


def test_a_mail_server_that_refuses_the_mail_is_a_sentence_on_the_next_page(visitor, settings):
    with mail_server() as server:
        settings.MAILERS = mailers_for(server.port)
        server.answers["RCPT"] = "550 no such mailbox"
        client = visitor()
        response = client.post(SIGNUP, {"email": EMAIL, "password1": PASSWORD}, follow=True)
        assert (response.status_code, FAILED in response.text) == (200, True)

        del server.answers["RCPT"]
        settings.ACCOUNT_RATE_LIMITS = {"confirm_email": None}
        client.post(CONFIRM_EMAIL, {"action": "resend"})
        code = code_in(server.mails()[-1].get_content())
    client.post(CONFIRM_EMAIL, {"code": code})
    assert signed_in(client)


def test_signing_up_and_in_works_while_redis_is_down(visitor, settings, dead_port):
    settings.CACHES = {
        "default": {"BACKEND": "kwiga.cache.SteadyCache", "LOCATION": f"redis://127.0.0.1:{dead_port}/0"}
    }
    caches["default"].clear()
    client = visitor()
    sign_up(client)
    client.post(CONFIRM_EMAIL, {"code": code_in_last_mail()})
    assert signed_in(client)

    again = visitor()
    for _ in range(5):
        again.post(LOGIN, {"login": EMAIL, "password": "wrong password"})
    refused = again.post(LOGIN, {"login": EMAIL, "password": PASSWORD})
    assert "Too many failed login attempts" in refused.text


@pytest.mark.django_db(transaction=True)
def test_account_mail_leaves_outside_every_transaction(person, visitor, monkeypatch):
    seen = []
    send = AccountAdapter.render_mail

    def look_and_render(self, *args, **kwargs):
        seen.append(connection.in_atomic_block)
        return send(self, *args, **kwargs)

    monkeypatch.setattr(AccountAdapter, "render_mail", look_and_render)
    sign_up(visitor())
    visitor().post(CODE, {"email": person.email})
    visitor().post(RESET, {"email": person.email})
    assert seen == [False, False, False]


def test_account_mail_inside_a_scope_is_refused(school):
    with school_scope(school), pytest.raises(ScopeError):
        AccountAdapter().send_mail("account/email/login_code", EMAIL, {"code": "AAAA-AAAA"})


@pytest.mark.parametrize(("language", "subject"), [("en", "Your sign-in code"), ("uk", None), ("pl", None)])
def test_mails_are_in_the_language_of_the_page(person, visitor, language, subject):
    visitor().post(CODE, {"email": person.email}, headers={"accept-language": language})
    with translation.override(language):
        assert mail.outbox[-1].subject == (subject or gettext("Your sign-in code"))
        assert gettext("Enter this code to sign in:") in mail.outbox[-1].body
