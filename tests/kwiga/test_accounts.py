"""Signing up, in and out, and what a stranger can learn about accounts: nothing."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache

from schools.models import User
from tests.factories.schools import MemberFactory, SchoolFactory
from tests.support.accounts import (
    CODE,
    CONFIRM_CODE,
    CONFIRM_EMAIL,
    CONFIRM_RESET,
    EMAIL,
    LOGIN,
    PASSWORD,
    RESET,
    SIGNUP,
    code_in_last_mail,
    sign_up,
    signed_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


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
    assert "pills" not in f"{mail.outbox[-1].subject} {mail.outbox[-1].body}"


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


@pytest.mark.spec("ACCOUNTS-1")
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


@pytest.mark.spec("T4")
@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "localhost:9999", "localhost."])
def test_mails_name_the_stored_host_whatever_the_request_says(person, visitor, host, settings):
    settings.BASE_URL = "http://root.example:8000"
    visitor().post(SIGNUP, {"email": person.email, "password1": PASSWORD}, headers={"host": host})
    links = re.findall(r"https?://\S+", str(mail.outbox[-1].body))
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


@pytest.mark.spec("T6")
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
