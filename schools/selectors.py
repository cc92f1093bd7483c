"""Reads that answer "which school?" and "who is in it?"."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext

from kwiga.sites import site_host
from kwiga.tokens import digest
from schools.models import DemoRow, Domain, Event, Invitation, Member, School, User
from schools.slugs import MAX_LENGTH, RESERVED, SlugRefused, check_slug, suggest_slug
from schools.tenancy.scope import user_scope
from schools.tenancy.statements import Given, Statement


def domain_of_host(host: str) -> Domain | None:
    """The verified domain that this host is, with its school; None for a host in no table."""
    domain: Domain | None = _BY_HOST.first(host=host)
    return domain


_BY_HOST = Statement(
    lambda: Domain.objects.select_related("school").filter(host=Given("host"), verified_at__isnull=False)
)


def school_of_host(host: str) -> School | None:
    """The school whose verified domain this host is."""
    domain = domain_of_host(host)
    return domain.school if domain else None


def school_of_slug(slug: str) -> School | None:
    """The school at /<slug>/ of the dashboard."""
    return School.objects.filter(slug=slug).first()


def school_of_left_slug(slug: str) -> School | None:
    """The school that had this address before, for links and notices that are still on their way."""
    domain = domain_of_host(site_host(slug))
    return domain.school if domain else None


def slug_problem(slug: str, school: School | None = None) -> str:
    """Why no school (or no other than this one) can have this address, as a sentence; empty when it is free.

    Addresses that a school has left stay its own: it may come back, others may not move in.
    """
    try:
        check_slug(slug)
    except SlugRefused as error:
        return str(error.message)
    schools, hosts = School.objects.filter(slug=slug), Domain.objects.filter(host=site_host(slug))
    if school:
        schools, hosts = schools.exclude(pk=school.pk), hosts.exclude(school=school)
    taken = schools.exists() or hosts.exists()
    return gettext("This address is taken. Choose another one.") if taken else ""


def free_slug(name: str) -> str:
    """An address made from a school's name that nobody has: "yoga", else "yoga-2"; empty when there is none."""
    base = suggest_slug(name)
    candidates = [base, *(f"{base[: MAX_LENGTH - 2]}-{number}" for number in range(2, 10))]
    taken = set(School.objects.filter(slug__in=candidates).values_list("slug", flat=True)) | RESERVED | {""}
    return next((slug for slug in candidates if slug not in taken), "") if base else ""


def member_of(school: School, user: Any) -> Member | None:
    """The membership of a signed-in user, within the school's scope."""
    if not user.is_authenticated:
        return None
    return Member.objects.filter(school=school, user_id=user.pk).first()


def schools_of(user: User) -> list[Member]:
    """All memberships of a person with their schools, by name: the switcher."""
    with user_scope(user.pk):
        return list(Member.objects.filter(user=user).select_related("school").order_by("school__name", "id"))


def has_orders() -> bool:
    """Whether an order was ever made in the open scope's school; the journal says so."""
    return Event.objects.filter(subject_kind="order").exists()


def has_demo_data() -> bool:
    """Whether rows that seeding made are left in the open scope's school."""
    return DemoRow.objects.exclude(kind=DemoRow.SEEDED).exists()


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
