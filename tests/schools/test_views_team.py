"""Settings > Team in the browser: members, roles, invitations."""

from datetime import timedelta

import pytest
from django.urls import reverse

from kwiga import clock
from schools.models import Event, Invitation, Member, OutboxRow
from schools.roles import MATRIX, Right, Role
from schools.services.invitations import invite
from schools.tenancy.scope import school_scope
from tests.factories.schools import MemberFactory, UserFactory

pytestmark = pytest.mark.django_db


def url(school, name, *args) -> str:
    return reverse(f"schools:{name}", args=[school.slug, *args])


def roles(school) -> dict[str, str]:
    with school_scope(school):
        return dict(Member.objects.filter(school=school).values_list("user__email", "role"))


def invited(school, role=Role.SUPPORT, email="new@example.test") -> Invitation:
    with school_scope(school):
        boss = Member.objects.filter(school=school, role=Role.OWNER).earliest("pk")
        return invite(email=email, role=role, actor=boss)


def test_team_shows_members_and_the_whole_matrix(school, owner, teammate, stranger, staff):
    page = staff(teammate).get(url(school, "team"))
    assert page.status_code == 200
    assert owner.email in page.text and teammate.email in page.text
    assert stranger.email not in page.text
    for right in Right:
        assert str(right.label).replace("'", "&#x27;") in page.text
    shown = [cells for _label, cells in page.context["rights"]]
    assert shown == [[role in MATRIX[right] for role in Role] for right in Right]
    assert page.text.count(">yes</span>") == sum(map(sum, shown))


def test_who_may_only_look_gets_no_controls(school, owner, teammate, staff):
    invited(school)
    page = staff(teammate).get(url(school, "team")).text
    assert "Invite a teammate" not in page and "new@example.test" not in page
    assert url(school, "departure") in page


def test_an_admin_gets_no_controls_over_owners(school, owner, teammate, staff):
    admin = MemberFactory(school=school, role=Role.ADMIN)
    invitation = invited(school, role=Role.OWNER)
    with school_scope(school):
        pk = {member.user: member.pk for member in Member.objects.filter(school=school).select_related("user")}
    page = staff(admin.user).get(url(school, "team")).text
    assert url(school, "member", pk[teammate]) in page
    assert url(school, "member", pk[owner]) not in page
    assert url(school, "revoke", invitation.pk) not in page
    assert "Only an owner can manage owners." in staff(admin.user).get(url(school, "member", pk[owner])).text


@pytest.mark.parametrize("count", [1, 3])
def test_team_asks_as_much_for_many_as_for_one(school, owner, staff, count, django_assert_num_queries):
    for number in range(count):
        MemberFactory(school=school)
        invited(school, email=f"n{number}@example.test")
    client = staff(owner)
    client.get(url(school, "team"))
    # Session, user, school; savepoint, scope, membership; members, invitations; scope, savepoint.
    with django_assert_num_queries(10):
        page = client.get(url(school, "team")).text
    assert page.count("n0@example.test") and page.count("Send again") >= count


def test_invite_sends_and_says_so(school, owner, staff):
    response = staff(owner).post(url(school, "invite"), {"email": "New@Example.test", "role": "support"}, follow=True)
    assert response.redirect_chain == [(url(school, "team"), 302)]
    assert "The invitation to new@example.test is on its way." in response.text
    with school_scope(school):
        assert Invitation.objects.get().role == "support"
        assert OutboxRow.objects.filter(kind="mail").count() == 1


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"email": "nobody", "role": "support"}, "Enter a valid email address."),
        ({"email": "", "role": "support"}, "This field is required."),
        ({"email": "new@example.test", "role": "king"}, "Select a valid choice."),
    ],
)
def test_invite_says_what_is_wrong_and_loses_nothing(school, owner, staff, data, sentence):
    response = staff(owner).post(url(school, "invite"), data)
    assert response.status_code == 200
    assert sentence in response.text
    assert response.context["form"]["email"].value() == data["email"]
    with school_scope(school):
        assert not Invitation.objects.exists()


def test_invite_twice_sends_once(school, owner, staff):
    client, data = staff(owner), {"email": "new@example.test", "role": "support"}
    assert client.post(url(school, "invite"), data).status_code == 302
    again = client.post(url(school, "invite"), data)
    assert (again.status_code, "already open" in again.text) == (200, True)
    assert "on the team already" in client.post(url(school, "invite"), data | {"email": owner.email}).text
    with school_scope(school):
        assert OutboxRow.objects.filter(kind="mail").count() == 1


def test_an_admin_cannot_invite_an_owner(school, owner, staff):
    admin = MemberFactory(school=school, role=Role.ADMIN).user
    response = staff(admin).post(url(school, "invite"), {"email": "new@example.test", "role": "owner"})
    assert "Select a valid choice." in response.text
    with school_scope(school):
        assert not Invitation.objects.exists()


def test_a_reload_of_the_invite_address_leads_to_the_team(school, owner, staff):
    assert staff(owner).get(url(school, "invite")).url == url(school, "team")


def test_resend_and_revoke(school, owner, staff):
    invitation, client = invited(school), staff(owner)
    early = client.post(url(school, "resend", invitation.pk), follow=True)
    assert "sent a moment ago" in early.text
    with clock.at(clock.now() + timedelta(minutes=6)):
        assert "A new link is on its way." in client.post(url(school, "resend", invitation.pk), follow=True).text
    assert "The invitation is taken back." in client.post(url(school, "revoke", invitation.pk), follow=True).text
    assert "no longer open" in client.post(url(school, "revoke", invitation.pk), follow=True).text
    with school_scope(school):
        assert Invitation.objects.get().revoked_at
        kinds = Event.objects.order_by("id").values_list("kind", flat=True)
        assert list(kinds) == ["invitation.sent", "invitation.resent", "invitation.revoked"]


def test_an_old_invitation_is_shown_as_such(school, owner, staff):
    with clock.at(clock.now() - timedelta(days=7)):
        invited(school)
    assert "Too old" in staff(owner).get(url(school, "team")).text


def test_change_a_role(school, owner, teammate, staff):
    with school_scope(school):
        member = Member.objects.get(school=school, user=teammate)
    path, client = url(school, "member", member.pk), staff(owner)
    assert client.get(path).context["form"]["role"].value() == "read_only"
    response = client.post(path, {"role": "sales"}, follow=True)
    assert "The role of" in response.text
    assert roles(school)[teammate.email] == "sales"
    assert "Select a valid choice." in client.post(path, {"role": "king"}).text
    assert roles(school)[teammate.email] == "sales"


def test_the_last_owner_cannot_be_demoted_removed_or_leave(school, owner, staff):
    with school_scope(school):
        boss = Member.objects.get(school=school, user=owner)
    client, sentence = staff(owner), "A school needs an owner."
    assert sentence in client.post(url(school, "member", boss.pk), {"role": "admin"}).text
    assert sentence in client.post(url(school, "removal", boss.pk), follow=True).text
    assert sentence in client.post(url(school, "departure"), follow=True).text
    assert roles(school) == {owner.email: "owner"}


def test_remove_somebody_who_is_then_refused_at_once(school, owner, teammate, staff):
    """R8: the next request of a person who was removed finds nothing."""
    with school_scope(school):
        member = Member.objects.get(school=school, user=teammate)
    path, removed = url(school, "removal", member.pk), staff(teammate)
    home = reverse("school_home", args=[school.slug])
    assert removed.get(home).status_code == 200
    assert "lose access at once" in staff(owner).get(path).text
    assert roles(school)[teammate.email] == "read_only"

    assert "is off the team" in staff(owner).post(path, follow=True).text

    assert removed.get(home).status_code == 404
    assert staff(owner).post(path).status_code == 404


def test_a_role_taken_away_is_missing_at_the_next_request(school, owner, staff):
    admin = MemberFactory(school=school, role=Role.ADMIN)
    demoted = staff(admin.user)
    assert demoted.get(url(school, "settings")).status_code == 200
    staff(owner).post(url(school, "member", admin.pk), {"role": "teacher"})
    assert demoted.get(url(school, "settings")).status_code == 403


def test_leave(school, owner, teammate, staff):
    client = staff(teammate)
    assert "Leave Green School?" in client.get(url(school, "departure")).text
    response = client.post(url(school, "departure"), follow=True)
    assert response.redirect_chain == [("/schools/", 302)]
    assert "You have left Green School." in response.text
    assert roles(school) == {owner.email: "owner"}


PATHS = ["team", "departure", "invite", "resend", "revoke", "member", "removal"]


@pytest.mark.parametrize("name", PATHS)
def test_strangers_and_the_signed_out_stay_outside(school, owner, teammate, stranger, staff, visitor, name):
    invitation = invited(school)
    with school_scope(school):
        member = Member.objects.get(school=school, user=teammate)
    args = {"resend": [invitation.pk], "revoke": [invitation.pk], "member": [member.pk], "removal": [member.pk]}
    path, before = url(school, name, *args.get(name, [])), roles(school)
    assert {staff(user).post(path).status_code for user in (stranger, UserFactory())} == {404}
    assert visitor().post(path).url == f"/accounts/login/?next={path}"
    if name not in {"team", "departure"}:
        assert staff(teammate).post(path, {"role": "owner"}).status_code == 403
    assert roles(school) == before
    with school_scope(school):
        assert Invitation.objects.get().revoked_at is None


@pytest.mark.parametrize("name", ["resend", "revoke", "member", "removal"])
def test_rows_of_another_school_are_not_found(school, other_school, owner, staff, name):
    foreign = invited(other_school) if name in {"resend", "revoke"} else MemberFactory(school=other_school)
    assert staff(owner).post(url(school, name, foreign.pk)).status_code == 404
    assert staff(owner).post(url(school, name, 2**63 - 1)).status_code == 404
