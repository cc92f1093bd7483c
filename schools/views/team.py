"""The team of a school: who, with which role, and who is invited."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kwiga import clock
from kwiga.errors import DomainError
from schools.access import asks_again, requires
from schools.forms import InvitationForm, RoleForm
from schools.models import Invitation, Member
from schools.roles import MATRIX, Right, Role, allows, reachable_roles
from schools.selectors import open_invitations, team_of
from schools.services import invitations, team


@requires(Right.VIEW_TEAM)
@require_safe
def team_page(request: Any) -> HttpResponse:
    """Members, open invitations, and what each role may do."""
    return _team(request, InvitationForm(actor=request.member))


@requires(Right.MANAGE_TEAM)
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: Any) -> HttpResponse:
    """Send an invitation. Nobody has a reason to open this address, but a reload may."""
    if request.method != "POST":
        return redirect("schools:team", request.school.slug)
    form = InvitationForm(request.POST, actor=request.member)
    if form.is_valid():
        try:
            invitation = invitations.invite(**form.cleaned_data, actor=request.member)
        except DomainError as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, _("The invitation to %(email)s is on its way.") % {"email": invitation.email})
            return redirect("schools:team", request.school.slug)
    return _team(request, form)


@requires(Right.MANAGE_TEAM)
@require_POST
def resend(request: Any, invitation: int) -> HttpResponse:
    """Mail a new link."""
    try:
        invitations.resend_invitation(invitation=_invitation(invitation), actor=request.member)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("A new link is on its way. The old one no longer works."))
    return redirect("schools:team", request.school.slug)


@requires(Right.MANAGE_TEAM)
@require_POST
def revoke(request: Any, invitation: int) -> HttpResponse:
    """Take an invitation back."""
    try:
        invitations.revoke_invitation(invitation=_invitation(invitation), actor=request.member)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The invitation is taken back."))
    return redirect("schools:team", request.school.slug)


@requires(Right.MANAGE_TEAM)
@asks_again
@require_http_methods(["GET", "HEAD", "POST"])
def member_page(request: Any, member: int) -> HttpResponse:
    """One member: another role, or off the team."""
    subject = _member(request, member)
    form = RoleForm(request.POST or None, actor=request.member, initial={"role": subject.role})
    if request.method == "POST" and form.is_valid():
        try:
            team.change_role(member=subject, role=form.cleaned_data["role"], actor=request.member)
        except DomainError as error:
            form.add_error("role", str(error))
        else:
            messages.success(request, _("The role of %(name)s is changed.") % {"name": subject.user})
            return redirect("schools:team", request.school.slug)
    context = {"form": form, "subject": subject, "within_reach": _within_reach(request.member, subject)}
    return render(request, "schools/team_member.html", context | _matrix())


@requires(Right.MANAGE_TEAM)
@asks_again
@require_http_methods(["GET", "HEAD", "POST"])
def removal(request: Any, member: int) -> HttpResponse:
    """Ask once, then take somebody off the team."""
    subject = _member(request, member)
    if request.method != "POST":
        return render(request, "schools/team_removal.html", {"subject": subject})
    try:
        team.remove_member(member=subject, actor=request.member)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(name)s is off the team.") % {"name": subject.user})
    return redirect("schools:team", request.school.slug)


@requires(Right.VIEW_TEAM)
@require_http_methods(["GET", "HEAD", "POST"])
def departure(request: Any) -> HttpResponse:
    """Ask once, then leave the team."""
    if request.method != "POST":
        return render(request, "schools/team_departure.html")
    try:
        team.leave_school(member=request.member)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("schools:team", request.school.slug)
    messages.success(request, _("You have left %(name)s.") % {"name": request.school.name})
    return redirect("schools:start")


def _team(request: Any, form: InvitationForm) -> HttpResponse:
    may_manage = allows(request.member.role, Right.MANAGE_TEAM)
    members = [(member, may_manage and _within_reach(request.member, member)) for member in team_of(request.school)]
    context = {"members": members, "form": form, "may_manage": may_manage, "now": clock.now()}
    if may_manage:
        roles = reachable_roles(request.member.role)
        context["invitations"] = [(sent, sent.role in roles) for sent in open_invitations()]
    return render(request, "schools/team.html", context | _matrix())


def _matrix() -> dict[str, Any]:
    """Roles across, rights down, as schools.roles has them."""
    return {"roles": list(Role), "rights": [(right.label, [role in MATRIX[right] for role in Role]) for right in Right]}


def _within_reach(actor: Member, subject: Member) -> bool:
    return subject.role in reachable_roles(actor.role)


def _member(request: Any, pk: int) -> Member:
    member = team_of(request.school).filter(pk=pk).first()
    if member is None:
        raise Http404
    return member


def _invitation(pk: int) -> Invitation:
    invitation = Invitation.objects.filter(pk=pk).first()
    if invitation is None:
        raise Http404
    return invitation
