"""The page behind the link of an invitation."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail

from kwiga import clock
from schools.mail.effect import MailEffect
from schools.models import Invitation, Member, OutboxRow
from schools.roles import Role
from schools.services.invitations import invite, revoke_invitation
from schools.services.team import remove_member
from schools.tenancy.scope import school_scope
from tests.factories.schools import MemberFactory, UserFactory

pytestmark = pytest.mark.django_db

EMAIL = "new@example.test"


@pytest.fixture
def boss(school) -> Member:
    with school_scope(school):
        return Member.objects.get(school=school, role=Role.OWNER)


def path_in_last_mail() -> str:
    letter = MailEffect().prepare(OutboxRow.objects.filter(kind="mail").latest("id"))
    address = next(line for line in letter.text.splitlines() if line.startswith("http://localhost:8000/"))
    return address.removeprefix("http://localhost:8000")


@pytest.fixture
def link(school, boss) -> str:
    with school_scope(school):
        invite(email=EMAIL, role=Role.SUPPORT, actor=boss)
        return path_in_last_mail()


@pytest.fixture
def guest(db):
    return UserFactory(email=EMAIL)


def role_of(school, user) -> str | None:
    with school_scope(school):
        member = Member.objects.filter(school=school, user=user).first()
        return member.role if member else None


def test_a_visitor_sees_what_it_is_about_and_two_ways_on(school, boss, link, visitor):
    page = visitor().get(link)
    assert page.status_code == 200
    for word in ("Join Green School", str(boss.user), "Support", EMAIL):
        assert word in page.text
    assert f"/accounts/login/?next={link.replace('/', '%2F')}" in page.text
    assert f"/accounts/signup/?email=new%40example.test&amp;next={link.replace('/', '%2F')}" in page.text


def test_the_address_is_kept_from_caches_and_other_sites(link, visitor):
    headers = visitor().get(link).headers
    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")


def test_a_visitor_cannot_accept(school, link, visitor):
    assert "Create an account" in visitor().post(link).text


def test_accept_leads_to_the_school(school, link, guest, staff):
    client = staff(guest)
    assert "Accept the invitation" in client.get(link).text
    assert role_of(school, guest) is None
    response = client.post(link, follow=True)
    assert response.redirect_chain == [("/green/", 302)]
    assert "Welcome to Green School." in response.text
    assert role_of(school, guest) == "support"


def test_accept_twice(school, link, guest, staff):
    client = staff(guest)
    client.post(link)
    again = client.post(link)
    assert (again.status_code, "You are on the team already" in again.text) == (200, True)
    assert staff(UserFactory()).get(link).status_code == 410


@pytest.mark.parametrize("verified", [True, False])
def test_another_address_cannot_accept(school, link, staff, verified):
    other = UserFactory()
    EmailAddress.objects.create(user=other, email=f"x{EMAIL}", verified=verified)
    client = staff(other)
    page = client.get(link).text
    assert EMAIL in page and other.email in page and "Accept the invitation" not in page
    refused = client.post(link)
    assert (refused.status_code, f"This invitation is for {EMAIL}." in refused.text) == (200, True)
    assert role_of(school, other) is None


def test_a_second_confirmed_address_of_mine_will_do(school, link, staff):
    other = UserFactory()
    EmailAddress.objects.create(user=other, email=EMAIL, verified=True)
    assert staff(other).post(link).url == "/green/"
    assert role_of(school, other) == "support"


def test_an_unconfirmed_second_address_will_not(school, link, staff):
    other = UserFactory()
    EmailAddress.objects.create(user=other, email=EMAIL, verified=False)
    assert staff(other).post(link).status_code == 200
    assert role_of(school, other) is None


def test_a_member_is_told_so(school, boss, link, staff):
    page = staff(boss.user).get(link)
    assert (page.status_code, "You are on the team already" in page.text) == (200, True)


def test_too_old(school, link, guest, staff, visitor):
    with clock.at(clock.now() + timedelta(days=7)):
        for client in (staff(guest), visitor()):
            for response in (client.get(link), client.post(link)):
                assert (response.status_code, "This invitation is too old" in response.text) == (410, True)
    assert role_of(school, guest) is None


def test_taken_back(school, boss, link, guest, staff):
    with school_scope(school):
        revoke_invitation(invitation=Invitation.objects.get(), actor=boss)
    response = staff(guest).post(link)
    assert (response.status_code, "This invitation was taken back" in response.text) == (410, True)
    assert role_of(school, guest) is None


def test_used_by_another(school, link, guest, staff, visitor):
    staff(guest).post(link)
    response = visitor().get(link)
    assert (response.status_code, "This invitation has been used" in response.text) == (410, True)


def test_an_unknown_token_is_not_found(school, other_school, link, guest, staff, visitor):
    token = link.rstrip("/").rsplit("/", 1)[1]
    for path in ("/green/invitations/unknown/", f"/red/invitations/{token}/", f"/nobody/invitations/{token}/"):
        assert visitor().get(path).status_code == 404
        assert staff(guest).post(path).status_code == 404
    assert role_of(school, guest) is None


def test_signing_in_comes_back_to_the_invitation(link, guest, visitor):
    client = visitor()
    response = client.post("/accounts/login/", {"login": EMAIL, "password": "correct horse battery", "next": link})
    assert response.url == link


def test_signing_up_comes_back_to_the_invitation(school, link, visitor):
    """The whole way of somebody who had no account: sign up, code from the mail, accept."""
    client = visitor()
    page = client.get("/accounts/signup/", {"email": EMAIL, "next": link}).text
    assert f'value="{EMAIL}"' in page and link in page
    answer = client.post("/accounts/signup/", {"email": EMAIL, "password1": "correct horse battery", "next": link})
    assert answer.url == "/accounts/confirm-email/"
    code = re.search(r"^\w{4}-\w{4}$", mail.outbox[-1].body, re.MULTILINE)[0]
    assert client.post(answer.url, {"code": code}).url == link
    assert client.post(link).url == "/green/"


def test_an_inviter_who_is_removed_takes_their_invitations_along(school, link, guest, boss, staff):
    admin = MemberFactory(school=school, role=Role.ADMIN)
    with school_scope(school):
        invite(email="second@example.test", role=Role.SUPPORT, actor=admin)
        second = path_in_last_mail()
        remove_member(member=admin, actor=boss)
    assert staff(UserFactory(email="second@example.test")).post(second).status_code == 410
    assert staff(guest).post(link).status_code == 302
