"""Reads that answer "which school?" and "who is in it?"."""

from typing import Any

from django.db.models import QuerySet

from kwiga.tokens import digest
from schools.models import Domain, Invitation, Member, School, User
from schools.tenancy.scope import user_scope


def school_of_host(host: str) -> School | None:
    """The school whose verified domain this host is; None for a host in no table."""
    domain = Domain.objects.select_related("school").filter(host=host, verified_at__isnull=False).first()
    return domain.school if domain else None


def school_of_slug(slug: str) -> School | None:
    """The school at /<slug>/ of the dashboard."""
    return School.objects.filter(slug=slug).first()


def member_of(school: School, user: Any) -> Member | None:
    """The membership of a signed-in user, within the school's scope."""
    if not user.is_authenticated:
        return None
    return Member.objects.filter(school=school, user_id=user.pk).first()


def schools_of(user: User) -> list[Member]:
    """All memberships of a person with their schools, by name: the switcher."""
    with user_scope(user.pk):
        return list(Member.objects.filter(user=user).select_related("school").order_by("school__name", "id"))


def team_of(school: School) -> QuerySet[Member]:
    """The members of the open scope's school, oldest first."""
    return Member.objects.filter(school=school).select_related("user").order_by("created_at", "id")


def open_invitations() -> QuerySet[Invitation]:
    """Invitations of the open scope's school that nobody has taken up or revoked, newest first; old ones included."""
    rows = Invitation.objects.filter(accepted_at=None, revoked_at=None).select_related("invited_by")
    return rows.order_by("-created_at", "-id")


def invitation_of(token: str) -> Invitation | None:
    """The invitation of the open scope's school whose link carries this token, in whatever state."""
    return Invitation.objects.select_related("invited_by").filter(token_digest=digest(token)).first()
