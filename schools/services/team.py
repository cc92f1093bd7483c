"""Verbs of a school's team. Rights are checked again here, under the lock: the page may be minutes old."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from kwiga.errors import DomainError
from schools.journal import record_event
from schools.models import Invitation, Member
from schools.roles import Right, Role, allows


class TeamRefused(DomainError):
    """The team may not be changed like this."""


@transaction.atomic
def change_role(*, member: Member, role: str, actor: Member) -> Member:
    """Give a member of the open scope's school another role. The same role again changes nothing.

    Raises TeamRefused: without the right, from or to owner when not an owner, for the last owner.
    """
    actor, member = _locked(actor, member)
    check_reach(actor, member.role, role)
    if member.role == role:
        return member
    if member.role == Role.OWNER:
        _check_another_owner(member)
    before, member.role = member.role, role
    member.save(update_fields=["role"])
    _withdraw_invitations(member, role)
    record_event(
        "member.role_changed", subject=member, actor=actor.user, data=_of(member) | {"from": before, "to": role}
    )
    return member


@transaction.atomic
def remove_member(*, member: Member, actor: Member) -> None:
    """Take a member off the team; their next request is refused. Raises TeamRefused, see `change_role`."""
    actor, member = _locked(actor, member)
    check_reach(actor, member.role)
    _take_off(member)
    record_event("member.removed", subject=member, actor=actor.user, data=_of(member))
    member.delete()


@transaction.atomic
def leave_school(*, member: Member) -> None:
    """Take oneself off the team. Raises TeamRefused for the last owner."""
    _same, member = _locked(member, member)
    _take_off(member)
    record_event("member.left", subject=member, actor=member.user, data=_of(member))
    member.delete()


def check_reach(actor: Member, *roles: str) -> None:
    """Raise TeamRefused unless `actor` may manage members of all these roles: owners are for owners alone."""
    if not allows(actor.role, Right.MANAGE_TEAM):
        raise TeamRefused(_("Your role may not manage the team."))
    if Role.OWNER in roles and not allows(actor.role, Right.MANAGE_OWNERS):
        raise TeamRefused(_("Only an owner can manage owners."))


def lock_member(member: Member) -> Member:
    """The member's row as it is now, locked. Raises TeamRefused when it is gone."""
    locked = Member.objects.filter(school_id=member.school_id, pk=member.pk).select_for_update(of=("self",)).first()
    if locked is None:
        raise TeamRefused(_("You are no longer on this team."))
    return locked


def _locked(actor: Member, member: Member) -> tuple[Member, Member]:
    """Both rows as they are now, locked together with all owners, so that changes of owners happen one by one."""
    wanted = Q(role=Role.OWNER) | Q(pk__in=[actor.pk, member.pk])
    rows = Member.objects.filter(wanted, school_id=actor.school_id).select_for_update(of=("self",)).order_by("pk")
    found = {row.pk: row for row in rows.select_related("user")}
    if actor.pk not in found:
        raise TeamRefused(_("You are no longer on this team."))
    if member.pk not in found:
        raise TeamRefused(_("This person is no longer on the team."))
    return found[actor.pk], found[member.pk]


def _check_another_owner(member: Member) -> None:
    owners = Member.objects.filter(school_id=member.school_id, role=Role.OWNER)
    if not owners.exclude(pk=member.pk).exists():
        raise TeamRefused(_("A school needs an owner. Make somebody else an owner first."))


def _take_off(member: Member) -> None:
    if member.role == Role.OWNER:
        _check_another_owner(member)
    _withdraw_invitations(member, role=None)


def _withdraw_invitations(member: Member, role: str | None) -> None:
    """Revoke what this person has invited and, with the new role, could not invite any more."""
    sent = Invitation.objects.filter(invited_by_id=member.user_id, accepted_at=None, revoked_at=None)
    if role and allows(role, Right.MANAGE_OWNERS):
        return
    if role and allows(role, Right.MANAGE_TEAM):
        sent = sent.filter(role=Role.OWNER)
    sent.update(revoked_at=clock.now())


def _of(member: Member) -> dict[str, int]:
    return {"user": member.user_id}
