"""Verbs of invitations to a school's team."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from kwiga.errors import DomainError
from kwiga.sites import root_url
from kwiga.tokens import digest, secret_token
from schools.journal import record_event
from schools.mail import queue_mail
from schools.models import Invitation, Member, User
from schools.services.team import check_reach, lock_member

LIFETIME = timedelta(days=7)
RESEND_AFTER = timedelta(minutes=5)
DAILY_LIMIT = 50


class InvitationRefused(DomainError):
    """The invitation may not be made, sent again or taken up."""


class InvitationClosed(InvitationRefused):
    """It was used, revoked, or is too old."""


class AlreadyMember(InvitationRefused):
    """This person is on the team already."""


@transaction.atomic
def invite(*, email: str, role: str, actor: Member) -> Invitation:
    """Invite an email address to the open scope's school for seven days, and mail the link.

    Raises TeamRefused above one's own reach, AlreadyMember, and InvitationRefused when one is open already or the
    school has sent 50 in a day.
    """
    actor, email, now = lock_member(actor), email.strip().lower(), clock.now()
    check_reach(actor, role)
    _check_new(email, actor)
    # One that ran out makes room for the next.
    Invitation.objects.filter(email=email, accepted_at=None, revoked_at=None, expires_at__lte=now).update(
        revoked_at=now
    )
    token = secret_token()
    invitation = Invitation(
        school_id=actor.school_id,
        email=email,
        role=role,
        invited_by=actor.user,
        token_digest=digest(token),
        expires_at=now + LIFETIME,
    )
    try:
        with transaction.atomic():
            invitation.save(force_insert=True)
    except IntegrityError as error:
        raise InvitationRefused(_("An invitation to this email is already open. You can send it again.")) from error
    _mail(invitation, token)
    record_event("invitation.sent", subject=invitation, actor=actor.user, data={"role": role})
    return invitation


@transaction.atomic
def resend_invitation(*, invitation: Invitation, actor: Member) -> Invitation:
    """Mail a new link for seven more days, in the name of who sends it now; the old link stops working.

    Raises TeamRefused above one's own reach, InvitationClosed, and InvitationRefused within five minutes of the last.
    """
    actor, invitation, now = lock_member(actor), _locked(invitation), clock.now()
    check_reach(actor, invitation.role)
    if now < invitation.expires_at - LIFETIME + RESEND_AFTER:
        raise InvitationRefused(_("This invitation was sent a moment ago. Wait five minutes before sending it again."))
    token = secret_token()
    invitation.token_digest, invitation.expires_at = digest(token), now + LIFETIME
    invitation.invited_by = actor.user
    invitation.save(update_fields=["token_digest", "expires_at", "invited_by"])
    _mail(invitation, token)
    record_event("invitation.resent", subject=invitation, actor=actor.user)
    return invitation


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, actor: Member) -> None:
    """Make the link useless. Raises TeamRefused above one's own reach, InvitationClosed when there is none any more."""
    actor, invitation = lock_member(actor), _locked(invitation)
    check_reach(actor, invitation.role)
    invitation.revoked_at = clock.now()
    invitation.save(update_fields=["revoked_at"])
    record_event("invitation.revoked", subject=invitation, actor=actor.user)


@transaction.atomic
def accept_invitation(*, invitation: Invitation, user: User) -> Member:
    """Make `user` a member with the invited role.

    Raises InvitationClosed, AlreadyMember, and InvitationRefused when the invited email is not one of this person's
    confirmed addresses.
    """
    invitation = _locked(invitation)
    if not invitation.is_open(clock.now()):
        raise InvitationClosed(_("This invitation is no longer open."))
    if Member.objects.filter(school_id=invitation.school_id, user=user).exists():
        raise AlreadyMember(_("You are on this team already."))
    if not owns_address(user, invitation.email):
        raise InvitationRefused(
            _("This invitation is for %(email)s. Sign in with that address to accept it.") % {"email": invitation.email}
        )
    member = Member.objects.create(school_id=invitation.school_id, user=user, role=invitation.role)
    invitation.accepted_at = clock.now()
    invitation.save(update_fields=["accepted_at"])
    record_event("member.joined", subject=member, actor=user, data={"user": user.pk, "role": member.role})
    return member


def owns_address(user: User, email: str) -> bool:
    """Whether this email is a confirmed address of the person."""
    return User.objects.filter(pk=user.pk, emailaddress__email__iexact=email, emailaddress__verified=True).exists()


def _check_new(email: str, actor: Member) -> None:
    team = Member.objects.filter(school_id=actor.school_id)
    if team.filter(user__emailaddress__email__iexact=email, user__emailaddress__verified=True).exists():
        raise AlreadyMember(_("This person is on the team already."))
    if Invitation.objects.filter(created_at__gt=clock.now() - timedelta(days=1)).count() >= DAILY_LIMIT:
        raise InvitationRefused(_("That is enough invitations for one day. Try again tomorrow."))


def _locked(invitation: Invitation) -> Invitation:
    rows = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    locked = rows.select_for_update(of=("self",)).first()
    if locked is None:
        raise InvitationClosed(_("This invitation is no longer open."))
    return locked


def _mail(invitation: Invitation, token: str) -> None:
    school = invitation.school
    queue_mail(
        template="invitation",
        to=invitation.email,
        language=school.language,
        context={
            "role": _role_name(invitation),
            "inviter": str(invitation.invited_by),
            "link": root_url("schools:invitation", school.slug, token),
            "days": LIFETIME.days,
        },
        dedupe_key=f"invitation:{invitation.pk}:{digest(token)[:16]}",
    )


def _role_name(invitation: Invitation) -> str:
    with translation.override(invitation.school.language):
        return str(invitation.get_role_display())
