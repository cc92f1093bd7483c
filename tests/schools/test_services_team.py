"""Roles, removing and leaving: who may touch whom, and the last owner stays."""

from datetime import timedelta

import pytest

from kwiga import clock
from kwiga.tokens import digest
from schools.models import Event, Invitation, Member
from schools.roles import MATRIX, Right, Role, allows, reachable_roles
from schools.services.team import TeamRefused, change_role, leave_school, remove_member
from tests.factories.schools import MemberFactory

pytestmark = pytest.mark.django_db

LESSER = [role for role in Role if role != Role.OWNER]


@pytest.fixture
def boss(scope) -> Member:
    return Member.objects.get(school=scope, role=Role.OWNER)


@pytest.fixture
def member(scope):
    return lambda role, **fields: MemberFactory(school=scope, role=role, **fields)


def roles(school) -> dict[int, str]:
    return dict(Member.objects.filter(school=school).values_list("pk", "role"))


def events() -> list[tuple[str, int, dict]]:
    return list(Event.objects.order_by("id").values_list("kind", "actor", "data"))


def invitation_of(inviter: Member, role: Role, email: str = "new@example.test") -> Invitation:
    return Invitation.objects.create(
        school_id=inviter.school_id,
        email=email,
        role=role,
        token_digest=digest(email),
        invited_by=inviter.user,
        expires_at=clock.now() + timedelta(days=7),
    )


def test_the_matrix_gives_the_team_to_owner_and_admin_and_owners_to_owners():
    assert set(MATRIX) == set(Right)
    assert [role for role in Role if allows(role, Right.MANAGE_TEAM)] == ["owner", "admin"]
    assert [role for role in Role if allows(role, Right.MANAGE_OWNERS)] == ["owner"]
    assert reachable_roles(Role.OWNER) == list(Role)
    assert reachable_roles(Role.ADMIN) == LESSER
    assert [role for role in Role if reachable_roles(role)] == ["owner", "admin"]


def test_change_role_is_written_down_with_before_and_after(scope, boss, member):
    subject = member(Role.SUPPORT)

    change_role(member=subject, role=Role.ADMIN, actor=boss)

    assert roles(scope) == {boss.pk: "owner", subject.pk: "admin"}
    data = {"user": subject.user_id, "from": "support", "to": "admin"}
    assert events() == [("member.role_changed", boss.user_id, data)]


def test_change_role_to_the_same_changes_nothing(boss, member):
    change_role(member=member(Role.SUPPORT), role=Role.SUPPORT, actor=boss)
    assert events() == []


@pytest.mark.parametrize("role", [role for role in LESSER if role != Role.ADMIN])
def test_only_owner_and_admin_manage_the_team(scope, member, role):
    actor, subject = member(role), member(Role.SUPPORT)
    before = roles(scope)
    with pytest.raises(TeamRefused):
        change_role(member=subject, role=Role.SALES, actor=actor)
    with pytest.raises(TeamRefused):
        remove_member(member=subject, actor=actor)
    assert (roles(scope), events()) == (before, [])


def test_an_admin_reaches_everybody_but_owners(scope, boss, member):
    admin, second, subject = member(Role.ADMIN), member(Role.OWNER), member(Role.TEACHER)
    before = roles(scope)
    for refused in [
        lambda: change_role(member=second, role=Role.TEACHER, actor=admin),
        lambda: change_role(member=subject, role=Role.OWNER, actor=admin),
        lambda: change_role(member=admin, role=Role.OWNER, actor=admin),
        lambda: remove_member(member=second, actor=admin),
    ]:
        with pytest.raises(TeamRefused, match="Only an owner"):
            refused()
    assert roles(scope) == before

    change_role(member=subject, role=Role.ADMIN, actor=admin)
    remove_member(member=subject, actor=admin)
    assert roles(scope) == {boss.pk: "owner", admin.pk: "admin", second.pk: "owner"}


def test_remove_member_takes_them_off_and_keeps_their_name_in_the_journal(scope, boss, member):
    subject = member(Role.SUPPORT)

    remove_member(member=subject, actor=boss)

    assert roles(scope) == {boss.pk: "owner"}
    assert events() == [("member.removed", boss.user_id, {"user": subject.user_id})]
    with pytest.raises(TeamRefused, match="no longer on the team"):
        remove_member(member=subject, actor=boss)


def test_leave_school(scope, boss, member):
    subject = member(Role.SUPPORT)

    leave_school(member=subject)

    assert roles(scope) == {boss.pk: "owner"}
    assert events() == [("member.left", subject.user_id, {"user": subject.user_id})]


def test_the_last_owner_stays(scope, boss, member):
    member(Role.ADMIN)
    before = roles(scope)
    for refused in [
        lambda: leave_school(member=boss),
        lambda: remove_member(member=boss, actor=boss),
        lambda: change_role(member=boss, role=Role.ADMIN, actor=boss),
    ]:
        with pytest.raises(TeamRefused, match="needs an owner"):
            refused()
    assert (roles(scope), events()) == (before, [])


def test_an_owner_may_go_when_there_is_another(scope, boss, member):
    second = member(Role.OWNER)
    leave_school(member=boss)
    assert roles(scope) == {second.pk: "owner"}


def test_an_owner_of_another_school_does_not_count(scope, other_school, boss):
    """The row that might slip through: another school's owner."""
    with pytest.raises(TeamRefused, match="needs an owner"):
        leave_school(member=boss)


def test_rights_are_read_again_under_the_lock(scope, boss, member):
    """The page, and the member it was opened with, may be minutes old."""
    actor, subject = member(Role.ADMIN), member(Role.SUPPORT)
    Member.objects.filter(pk=actor.pk).update(role=Role.TEACHER)
    with pytest.raises(TeamRefused, match="may not manage"):
        remove_member(member=subject, actor=actor)
    Member.objects.filter(pk=actor.pk).delete()
    with pytest.raises(TeamRefused, match="no longer on this team"):
        remove_member(member=subject, actor=actor)


def test_member_of_another_school_is_not_on_this_team(scope, other_school, boss):
    foreign = MemberFactory(school=other_school, role=Role.SUPPORT)
    with pytest.raises(TeamRefused, match="no longer on the team"):
        remove_member(member=foreign, actor=boss)


def test_invitations_end_with_the_right_to_make_them(boss, member):
    second, admin = member(Role.OWNER), member(Role.ADMIN)
    owners = invitation_of(second, Role.OWNER, "owner@example.test")
    helpers = invitation_of(second, Role.SUPPORT, "helper@example.test")
    others = invitation_of(admin, Role.SUPPORT, "other@example.test")

    change_role(member=second, role=Role.ADMIN, actor=boss)
    assert revoked() == {owners.email}

    change_role(member=second, role=Role.SALES, actor=boss)
    assert revoked() == {owners.email, helpers.email}

    remove_member(member=admin, actor=boss)
    assert revoked() == {owners.email, helpers.email, others.email}


def revoked() -> set[str]:
    return set(Invitation.objects.filter(revoked_at__isnull=False).values_list("email", flat=True))
