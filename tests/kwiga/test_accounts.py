"""Signing up, in and out; what a stranger can learn about accounts (nothing); mail servers that fail."""

import re
import socket

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache, caches
from django.db import connection

from kwiga.accounts import AccountAdapter
from schools.models import User
from schools.tenancy.scope import ScopeError, school_scope
from tests.factories.schools import MemberFactory, SchoolFactory
from tests.support.smtp import mail_server, mailers_for

pytestmark = pytest.mark.django_db

SIGNUP, LOGIN, CODE = "/accounts/signup/", "/accounts/login/", "/accounts/login/code/"
CONFIRM_EMAIL, CONFIRM_CODE = "/accounts/confirm-email/", "/accounts/login/code/confirm/"
RESET, CONFIRM_RESET = "/accounts/password/reset/", "/accounts/password/reset/confirm/"
PASSWORD = "correct horse battery"
EMAIL = "new@example.test"
FAILED = "We could not send the mail just now."


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def dead_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def code_in_last_mail() -> str:
    return re.search(r"^\w{4}-\w{4}$", mail.outbox[-1].body, re.MULTILINE)[0]


def sign_up(client, email=EMAIL, **more):
    return client.post(SIGNUP, {"email": email, "password1": PASSWORD, **more})


def signed_in(client) -> bool:
    return client.get("/schools/").status_code == 200


# --- Signing up ---


def test_sign_up_with_the_code_from_the_mail(visitor):
    client = visitor()
    assert sign_up(client, email="New@Example.test", name="Nina New").url == CONFIRM_EMAIL
    assert not signed_in(client)
    assert mail.outbox[-1].to == [EMAIL]

    response = client.post(CONFIRM_EMAIL, {"code": code_in_last_mail()})

    assert response.url == "/schools/new/"
    assert signed_in(client)
    user = User.objects.get()
    assert (user.email, user.name, user.check_password(PASSWORD)) == (EMAIL, "Nina New", True)
    assert EmailAddress.objects.get().verified


def test_a_wrong_code_says_so_and_three_end_it(visitor):
    client = visitor()
    sign_up(client)
    assert "Incorrect code" in client.post(CONFIRM_EMAIL, {"code": "AAAA-AAAA"}).text
    client.post(CONFIRM_EMAIL, {"code": "AAAA-AAAA"})
    client.post(CONFIRM_EMAIL, {"code": "AAAA-AAAA"})
    assert not signed_in(client)
    assert client.post(CONFIRM_EMAIL, {"code": code_in_last_mail()}).status_code == 302
    assert not signed_in(client)


def test_a_new_code_can_be_asked_for(visitor, settings):
    settings.ACCOUNT_RATE_LIMITS = {"confirm_email": None}
    client = visitor()
    sign_up(client)
    first = code_in_last_mail()
    client.post(CONFIRM_EMAIL, {"action": "resend"})
    assert (len(mail.outbox), code_in_last_mail() != first) == (2, True)
    client.post(CONFIRM_EMAIL, {"code": code_in_last_mail()})
    assert signed_in(client)


def test_the_name_is_not_in_mail_to_an_address_that_may_be_a_strangers(visitor):
    sign_up(visitor(), name="Buy pills at spam.example")
    assert "pills" not in mail.outbox[-1].subject + mail.outbox[-1].body


@pytest.mark.parametrize("password", ["short", "1234567890", "qwertyuiop"])
def test_weak_passwords_are_refused_with_everything_else_kept(visitor, password):
    response = sign_up(visitor(), password1=password)
    assert response.status_code == 200
    assert response.context["form"]["email"].value() == EMAIL
    assert not User.objects.exists()


# --- What a stranger can learn ---


def answer(client, path, data) -> tuple[int, str, str]:
    """Status, target and the page behind it, without what differs on every request."""
    response = client.post(path, data)
    page = client.get(response.url).text if response.status_code == 302 else response.text
    page = re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', "", page)
    return response.status_code, response.headers.get("Location", ""), page.replace(data_email(data), "EMAIL")


def data_email(data) -> str:
    return data.get("email") or data["login"]


@pytest.mark.parametrize(
    ("path", "data"),
    [
        (SIGNUP, {"email": "", "password1": PASSWORD}),
        (CODE, {"email": ""}),
        (RESET, {"email": ""}),
        (LOGIN, {"login": "", "password": "not the right password"}),
    ],
)
def test_known_and_unknown_addresses_get_the_same_answer(person, visitor, path, data):
    field = "login" if path == LOGIN else "email"
    known = answer(visitor(), path, data | {field: person.email})
    unknown = answer(visitor(), path, data | {field: "x" * len(person.email[:-13]) + "@example.test"})
    assert known == unknown


@pytest.mark.parametrize("path", [CODE, RESET])
def test_strangers_get_no_mail_through_us(person, visitor, path):
    visitor().post(path, {"email": "nobody@example.test"})
    assert mail.outbox == []
    visitor().post(path, {"email": person.email})
    assert [message.to for message in mail.outbox] == [[person.email]]


def test_signing_up_with_a_known_address_tells_its_owner_and_changes_nothing(person, visitor):
    client = visitor()
    sign_up(client, email=person.email, name="Impostor")
    assert [message.to for message in mail.outbox] == [[person.email]]
    assert "You have one already" in mail.outbox[0].body
    client.post(CONFIRM_EMAIL, {"code": "AAAA-AAAA"})
    assert not signed_in(client)
    person.refresh_from_db()
    assert person.name != "Impostor" and person.check_password(PASSWORD)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "localhost:9999", "localhost."])
def test_mails_name_the_stored_host_whatever_the_request_says(person, visitor, host, settings):
    settings.BASE_URL = "http://root.example:8000"
    visitor().post(SIGNUP, {"email": person.email, "password1": PASSWORD}, headers={"host": host})
    links = re.findall(r"https?://\S+", mail.outbox[-1].body)
    assert links == ["http://root.example:8000/accounts/login/", "http://root.example:8000/accounts/password/reset/"]
    assert "9999" not in mail.outbox[-1].body


# --- Signing in ---


def test_sign_in_with_a_password_leads_to_the_only_school(school, owner, visitor):
    client = visitor()
    assert client.post(LOGIN, {"login": owner.email, "password": PASSWORD}).url == "/green/"
    assert signed_in(client)


def test_sign_in_leads_to_the_list_when_there_is_none_or_more_than_one(school, owner, person, visitor):
    assert visitor().post(LOGIN, {"login": person.email, "password": PASSWORD}).url == "/schools/"
    MemberFactory(school=SchoolFactory(), user=owner)
    assert visitor().post(LOGIN, {"login": owner.email, "password": PASSWORD}).url == "/schools/"


def test_sign_in_with_a_mailed_code(person, visitor):
    client = visitor()
    assert client.post(CODE, {"email": person.email.upper()}).url == CONFIRM_CODE
    assert client.post(CONFIRM_CODE, {"code": code_in_last_mail()}).url == "/schools/"
    assert signed_in(client)


def test_a_code_of_another_browser_does_not_open(person, visitor):
    visitor().post(CODE, {"email": person.email})
    other = visitor()
    other.post(CODE, {"email": "nobody@example.test"})
    other.post(CONFIRM_CODE, {"code": code_in_last_mail()})
    assert not signed_in(other)


def test_reset_a_password_by_code(person, visitor):
    client = visitor()
    assert client.post(RESET, {"email": person.email}).url == CONFIRM_RESET
    choose = client.post(CONFIRM_RESET, {"code": code_in_last_mail()}).url
    new = "another long password"
    client.post(choose, {"password1": new, "password2": new})
    person.refresh_from_db()
    assert person.check_password(new)


def test_signing_in_changes_the_session_key(person, visitor):
    client = visitor()
    client.post(CODE, {"email": person.email})
    before = client.session.session_key
    client.post(CONFIRM_CODE, {"code": code_in_last_mail()})
    assert client.session.session_key != before


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "http://green.localhost/", "/\\evil"])
def test_sign_in_goes_nowhere_else(person, visitor, target):
    response = visitor().post(LOGIN, {"login": person.email, "password": PASSWORD, "next": target})
    assert response.url == "/schools/"


def test_a_person_who_is_switched_off_stays_out(person, visitor):
    User.objects.filter(pk=person.pk).update(is_active=False)
    client = visitor()
    client.post(LOGIN, {"login": person.email, "password": PASSWORD})
    assert not signed_in(client)


def test_switching_off_ends_the_session(person, staff):
    client = staff(person)
    assert signed_in(client)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert not signed_in(client)


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
        code = re.search(r"^\w{4}-\w{4}\b", server.mails()[-1].get_content(), re.MULTILINE)[0]
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
    from django.utils import translation
    from django.utils.translation import gettext

    visitor().post(CODE, {"email": person.email}, headers={"accept-language": language})
    with translation.override(language):
        assert mail.outbox[-1].subject == (subject or gettext("Your sign-in code"))
        assert gettext("Enter this code to sign in:") in mail.outbox[-1].body
