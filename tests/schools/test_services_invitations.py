"""Invitations: mailed, open for seven days, taken up once, by the one they are for."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from kwiga import clock
from kwiga.tokens import digest
from schools.mail.effect import MailEffect
from schools.models import Event, Invitation, Member, OutboxRow
from schools.roles import Role
from schools.selectors import invitation_of, open_invitations
from schools.services import invitations
from schools.services.invitations import (
    AlreadyMember,
    InvitationClosed,
    InvitationRefused,
    accept_invitation,
    invite,
    resend_invitation,
    revoke_invitation,
)
from schools.services.team import TeamRefused
from tests.factories.schools import MemberFactory, UserFactory

pytestmark = pytest.mark.django_db

START = "new@example.test"


@pytest.fixture
def boss(scope) -> Member:
    return Member.objects.get(school=scope, role=Role.OWNER)


@pytest.fixture
def guest(scope):
    """The person behind the invited address."""
    return UserFactory(email=START, name="New Person")


def link_in_last_mail() -> str:
    row = OutboxRow.objects.filter(kind="mail").latest("id")
    letter = MailEffect().prepare(row)
    return next(line for line in letter.text.splitlines() if line.startswith("http"))


def token_in_last_mail() -> str:
    return link_in_last_mail().rstrip("/").rsplit("/", 1)[1]


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


def test_invite_mails_a_link_for_seven_days(scope, boss):
    invitation = invite(email=" New@Example.test ", role=Role.SUPPORT, actor=boss)

    assert (invitation.email, invitation.role, invitation.invited_by) == (START, "support", boss.user)
    assert invitation.expires_at == clock.now() + timedelta(days=7)
    assert link_in_last_mail().startswith("http://localhost:8000/green/invitations/")
    assert invitation_of(token_in_last_mail()) == invitation
    event = Event.objects.get()
    assert (event.kind, event.actor, event.data) == ("invitation.sent", boss.user, {"role": "support"})


def test_the_mail_says_who_where_and_what_in_the_schools_language(scope, boss):
    scope.language = "en"
    invite(email=START, role=Role.SUPPORT, actor=boss)
    letter = MailEffect().prepare(OutboxRow.objects.get(kind="mail"))
    assert (letter.to, letter.subject) == (START, "Invitation to the team of Green School")
    for part in (letter.text, letter.html):
        assert str(boss.user) in part and "Green School" in part and "Support" in part


@pytest.mark.spec("T8")
def test_the_token_is_in_no_table(scope, boss):
    """Only its digest is kept; the waiting mail is sealed."""
    invitation = invite(email=START, role=Role.SUPPORT, actor=boss)
    token = token_in_last_mail()
    row = OutboxRow.objects.get(kind="mail")
    assert len(token) >= 22
    assert invitation.token_digest == digest(token)
    for stored in (Invitation.objects.values().get(), OutboxRow.objects.filter(pk=row.pk).values().get()):
        assert token not in repr(stored)


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.OWNER, Role.ADMIN}])
def test_who_may_not_manage_the_team_invites_nobody(scope, role):
    with pytest.raises(TeamRefused):
        invite(email=START, role=Role.READ_ONLY, actor=MemberFactory(school=scope, role=role))
    assert not Invitation.objects.exists()


def test_only_owners_reach_invitations_of_owners(scope, boss):
    admin = MemberFactory(school=scope, role=Role.ADMIN)
    with pytest.raises(TeamRefused, match="Only an owner"):
        invite(email=START, role=Role.OWNER, actor=admin)
    invitation = invite(email=START, role=Role.OWNER, actor=boss)
    later = clock.now() + timedelta(hours=1)
    with clock.at(later), pytest.raises(TeamRefused, match="Only an owner"):
        resend_invitation(invitation=invitation, actor=admin)
    with pytest.raises(TeamRefused, match="Only an owner"):
        revoke_invitation(invitation=invitation, actor=admin)
    assert kinds() == ["invitation.sent"]


def test_an_admin_invites_an_admin(scope):
    admin = MemberFactory(school=scope, role=Role.ADMIN)
    assert invite(email=START, role=Role.ADMIN, actor=admin).role == "admin"


def test_a_removed_member_invites_nobody(scope, boss):
    admin = MemberFactory(school=scope, role=Role.ADMIN)
    Member.objects.filter(pk=admin.pk).delete()
    with pytest.raises(TeamRefused, match="no longer on this team"):
        invite(email=START, role=Role.SUPPORT, actor=admin)


def test_a_second_open_invitation_is_refused(scope, boss):
    invite(email=START, role=Role.SUPPORT, actor=boss)
    with pytest.raises(InvitationRefused, match="already open"):
        invite(email=START.upper(), role=Role.SALES, actor=boss)
    assert Invitation.objects.get().role == "support"
    assert OutboxRow.objects.filter(kind="mail").count() == 1


def test_one_that_ran_out_makes_room(scope, boss):
    first = invite(email=START, role=Role.SUPPORT, actor=boss)
    with clock.at(first.expires_at):
        second = invite(email=START, role=Role.SALES, actor=boss)
    assert list(open_invitations()) == [second]


def test_somebody_on_the_team_is_not_invited(scope, boss):
    for address in (boss.user.email, boss.user.email.upper()):
        with pytest.raises(AlreadyMember):
            invite(email=address, role=Role.SUPPORT, actor=boss)


def test_an_unconfirmed_address_of_a_member_proves_nothing(scope, boss):
    EmailAddress.objects.create(user=boss.user, email=START, verified=False)
    assert invite(email=START, role=Role.SUPPORT, actor=boss)


def test_a_school_sends_so_many_a_day(scope, boss, monkeypatch):
    monkeypatch.setattr(invitations, "DAILY_LIMIT", 2)
    for number in range(2):
        invite(email=f"n{number}@example.test", role=Role.SUPPORT, actor=boss)
    with pytest.raises(InvitationRefused, match="one day"):
        invite(email=START, role=Role.SUPPORT, actor=boss)
    with clock.at(clock.now() + timedelta(days=1)):
        invite(email=START, role=Role.SUPPORT, actor=boss)


def test_resend_makes_a_new_link_and_kills_the_old(scope, boss):
    invitation = invite(email=START, role=Role.SUPPORT, actor=boss)
    old, admin = token_in_last_mail(), MemberFactory(school=scope, role=Role.ADMIN)
    later = clock.now() + timedelta(days=8)

    with clock.at(later):
        resend_invitation(invitation=invitation, actor=admin)

    new = token_in_last_mail()
    assert invitation_of(old) is None
    again = invitation_of(new)
    assert (again, again.invited_by, again.expires_at) == (invitation, admin.user, later + timedelta(days=7))
    assert kinds() == ["invitation.sent", "invitation.resent"]


def test_resend_twice_in_a_row_sends_once(scope, boss):
    invitation = invite(email=START, role=Role.SUPPORT, actor=boss)
    with clock.at(clock.now() + timedelta(minutes=5)):
        resend_invitation(invitation=invitation, actor=boss)
        with pytest.raises(InvitationRefused, match="a moment ago"):
            resend_invitation(invitation=invitation, actor=boss)
    assert OutboxRow.objects.filter(kind="mail").count() == 2


def test_revoke_ends_it_once(scope, boss, guest):
    invitation = invite(email=START, role=Role.SUPPORT, actor=boss)
    revoke_invitation(invitation=invitation, actor=boss)
    for refused in [
        lambda: revoke_invitation(invitation=invitation, actor=boss),
        lambda: resend_invitation(invitation=invitation, actor=boss),
        lambda: accept_invitation(invitation=invitation, user=guest),
    ]:
        with pytest.raises(InvitationClosed):
            refused()
    assert list(open_invitations()) == []
    assert kinds() == ["invitation.sent", "invitation.revoked"]


def test_accept_makes_a_member_once(scope, boss, guest):
    invitation = invite(email=START, role=Role.SUPPORT, actor=boss)

    member = accept_invitation(invitation=invitation, user=guest)

    assert (member.user, member.role, member.school) == (guest, "support", scope)
    event = Event.objects.latest("id")
    assert (event.kind, event.actor, event.data) == ("member.joined", guest, {"user": guest.pk, "role": "support"})
    with pytest.raises(InvitationClosed):
        accept_invitation(invitation=invitation, user=guest)
    assert Member.objects.filter(school=scope, user=guest).count() == 1


def test_accept_ends_with_the_seventh_day(scope, boss, guest):
    invitation = invite(email=START, role=Role.SUPPORT, actor=boss)
    with clock.at(invitation.expires_at), pytest.raises(InvitationClosed):
        accept_invitation(invitation=invitation, user=guest)
    with clock.at(invitation.expires_at - timedelta(microseconds=1)):
        assert accept_invitation(invitation=invitation, user=guest)


def test_accept_needs_the_invited_address_confirmed(scope, boss, guest):
    invitation = invite(email=START, role=Role.SUPPORT, actor=boss)
    other = UserFactory()
    EmailAddress.objects.create(user=other, email=START.upper(), verified=False)
    with pytest.raises(InvitationRefused, match=START):
        accept_invitation(invitation=invitation, user=other)
    EmailAddress.objects.filter(email__iexact=START).delete()

    EmailAddress.objects.create(user=other, email=START, verified=True)
    assert accept_invitation(invitation=invitation, user=other).user == other


def test_accept_by_a_member_changes_no_role(scope, boss, guest):
    MemberFactory(school=scope, user=guest, role=Role.READ_ONLY)
    EmailAddress.objects.filter(user=guest).update(email="elsewhere@example.test")
    invitation = invite(email=START, role=Role.ADMIN, actor=boss)
    with pytest.raises(AlreadyMember):
        accept_invitation(invitation=invitation, user=guest)
    assert Member.objects.get(school=scope, user=guest).role == "read_only"
