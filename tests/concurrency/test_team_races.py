"""Races around owners, addresses and invitations: each with the fence, and again with the fence taken down."""

from contextlib import contextmanager

import pytest
from django.db.models import QuerySet

from kwiga import clock
from schools.models import Event, Invitation, Member, School
from schools.roles import Role
from schools.selectors import slug_problem
from schools.services import schools, team
from schools.services.invitations import InvitationClosed, accept_invitation, invite
from schools.services.schools import create_school
from schools.services.team import TeamRefused, change_role, leave_school, remove_member
from schools.slugs import SlugRefused
from schools.tenancy.scope import school_scope
from tests.factories.schools import MemberFactory, UserFactory
from tests.support.races import Meeting, race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.prove]

BLUE = {"name": "Blue School", "slug": "blue", "currency": "PLN", "time_zone": "Europe/Warsaw", "language": "pl"}


@pytest.fixture
def two_owners(school) -> list[Member]:
    MemberFactory(school=school, role=Role.OWNER)
    with school_scope(school):
        return list(Member.objects.filter(school=school, role=Role.OWNER).order_by("pk"))


@pytest.fixture
def meet_after_the_check(monkeypatch):
    """Hold each racer between the check that another owner is left and the change, where the race would be lost."""
    meeting, check = Meeting(2), team._check_another_owner

    def check_and_meet(member: Member) -> None:
        check(member)
        meeting.wait()

    monkeypatch.setattr(team, "_check_another_owner", check_and_meet)


@pytest.fixture
def no_locks(monkeypatch):
    """The fence taken down: rows are read without being locked."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, *args, **kwargs: rows)


def in_school(school, verb, **arguments):
    def act():
        with school_scope(school):
            return verb(**arguments)

    return act


def owners_left(school) -> int:
    with school_scope(school):
        return Member.objects.filter(school=school, role=Role.OWNER).count()


def departures(school, first, second):
    """The ways in which two owners can go in the same moment."""
    return {
        "both leave": [in_school(school, leave_school, member=each) for each in (first, second)],
        "each removes the other": [
            in_school(school, remove_member, member=second, actor=first),
            in_school(school, remove_member, member=first, actor=second),
        ],
        "each demotes the other": [
            in_school(school, change_role, member=second, role=Role.ADMIN, actor=first),
            in_school(school, change_role, member=first, role=Role.ADMIN, actor=second),
        ],
        "one leaves, one is demoted": [
            in_school(school, leave_school, member=first),
            in_school(school, change_role, member=second, role=Role.SALES, actor=second),
        ],
    }


WAYS = ["both leave", "each removes the other", "each demotes the other", "one leaves, one is demoted"]


@pytest.mark.parametrize("way", WAYS)
def test_of_two_owners_who_go_at_once_one_stays(school, two_owners, meet_after_the_check, way):
    outcomes = race(*departures(school, *two_owners)[way])

    assert [isinstance(outcome, TeamRefused) for outcome in outcomes].count(True) == 1, outcomes
    assert owners_left(school) == 1
    with school_scope(school):
        assert Event.objects.count() == 1


@pytest.mark.parametrize("way", WAYS)
def test_without_the_lock_no_owner_is_left(school, two_owners, meet_after_the_check, no_locks, way):
    """The control: the race above is a race."""
    race(*departures(school, *two_owners)[way])
    assert owners_left(school) == 0


def test_of_two_who_take_one_address_one_gets_it(db):
    people = [UserFactory() for _ in range(2)]

    outcomes = race(*[lambda owner=owner: create_school(owner=owner, **BLUE) for owner in people])

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["School", "SlugRefused"], outcomes
    school = School.objects.get()
    with school_scope(school):
        assert Member.objects.filter(school=school).count() == 1
        assert Event.objects.count() == 1


def test_asking_first_would_not_have_been_enough(db, monkeypatch):
    """The control: both are told that the address is free, and only the database stops the second."""
    meeting, check = Meeting(2), schools.check_slug
    problems = []

    def ask_and_meet(slug: str) -> None:
        check(slug)
        problems.append(slug_problem(slug))
        meeting.wait()

    monkeypatch.setattr(schools, "check_slug", ask_and_meet)
    people = [UserFactory() for _ in range(2)]
    outcomes = race(*[lambda owner=owner: create_school(owner=owner, **BLUE) for owner in people])

    assert problems == ["", ""]
    assert [isinstance(outcome, SlugRefused) for outcome in outcomes].count(True) == 1


def test_one_invitation_taken_up_twice_at_once_makes_one_member(school, owner):
    invitation, guest = _invited(school)

    outcomes = race(*[in_school(school, accept_invitation, invitation=invitation, user=guest)] * 2)

    assert [isinstance(outcome, InvitationClosed) for outcome in outcomes].count(True) == 1, outcomes
    assert _joined(school) == 1


def test_without_lock_and_unique_key_it_would_make_two(school, owner, no_locks):
    """The control: without the lock both get as far as the insert, where the database refuses one."""
    invitation, guest = _invited(school)
    meeting, exists = Meeting(2), QuerySet.exists

    def exists_and_meet(rows):
        found = exists(rows)
        if rows.model is Member:
            meeting.wait()
        return found

    with _patched(QuerySet, "exists", exists_and_meet):
        outcomes = race(*[in_school(school, accept_invitation, invitation=invitation, user=guest)] * 2)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["IntegrityError", "Member"], outcomes


def test_an_invitation_made_while_its_maker_is_removed_does_not_survive(school, owner):
    admin = MemberFactory(school=school, role=Role.ADMIN)
    with school_scope(school):
        boss = Member.objects.get(school=school, user=owner)
    outcomes = race(
        in_school(school, invite, email="new@example.test", role=Role.SUPPORT, actor=admin),
        in_school(school, remove_member, member=admin, actor=boss),
    )
    assert outcomes[1] is None, outcomes
    with school_scope(school):
        assert not Invitation.objects.filter(revoked_at=None).exists(), outcomes


def _invited(school):
    guest = UserFactory(email="new@example.test")
    with school_scope(school):
        boss = Member.objects.get(school=school, role=Role.OWNER)
        invitation = invite(email=guest.email, role=Role.SUPPORT, actor=boss)
        assert invitation.is_open(clock.now())
    return invitation, guest


def _joined(school) -> int:
    with school_scope(school):
        return Event.objects.filter(kind="member.joined").count()


@contextmanager
def _patched(target, name, value):
    before = getattr(target, name)
    setattr(target, name, value)
    try:
        yield
    finally:
        setattr(target, name, before)
