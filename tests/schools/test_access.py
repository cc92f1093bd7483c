"""Delicate pages ask for the password again when the sign-in is old (trust T7)."""

import time
from urllib.parse import quote

import pytest

from schools.models import Member
from schools.roles import Role
from schools.tenancy.scope import school_scope
from tests.factories.schools import MemberFactory

PASSWORD = "correct horse battery"


@pytest.fixture
def subject(school) -> Member:
    return MemberFactory(school=school, role=Role.SALES)


@pytest.fixture
def signed_in_long_ago(staff, owner):
    client = staff(owner)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 601}]
    session.save()
    return client


def role_of(member: Member) -> str:
    with school_scope(member.school):
        return Member.objects.get(pk=member.pk).role


@pytest.mark.parametrize("page", ["", "removal/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_old_sign_in_is_sent_to_the_password_and_changes_nothing(signed_in_long_ago, subject, page, method):
    path = f"/green/settings/team/{subject.pk}/{page}"
    response = getattr(signed_in_long_ago, method)(f"{path}?from=list", {"role": "teacher"})
    back = quote(f"{path}?from=list" if method == "post" else f"{path}?role=teacher", safe="")
    assert (response.status_code, response.url) == (302, f"/accounts/reauthenticate/?next={back}")
    assert role_of(subject) == Role.SALES


def test_password_leads_back_and_the_change_goes_through(signed_in_long_ago, subject):
    path = f"/green/settings/team/{subject.pk}/"
    asked = signed_in_long_ago.get(path).url
    response = signed_in_long_ago.post(asked, {"password": PASSWORD})
    assert (response.status_code, response.url) == (302, path)
    assert signed_in_long_ago.post(path, {"role": "teacher"}).status_code == 302
    assert role_of(subject) == Role.TEACHER


def test_wrong_password_does_not_help(signed_in_long_ago, subject):
    path = f"/green/settings/team/{subject.pk}/"
    response = signed_in_long_ago.post(signed_in_long_ago.get(path).url, {"password": "wrong"})
    assert response.status_code == 200
    assert signed_in_long_ago.get(path).status_code == 302


def test_fresh_sign_in_is_not_asked(staff, owner, subject):
    assert staff(owner).get(f"/green/settings/team/{subject.pk}/").status_code == 200


def test_who_lacks_the_right_is_refused_before_being_asked(staff, teammate, subject):
    client = staff(teammate)
    session = client.session
    del session["account_authentication_methods"]
    session.save()
    assert client.get(f"/green/settings/team/{subject.pk}/").status_code == 403
