"""Two schools with one row of everything, for tests that look for a leak."""

from datetime import timedelta

from kwiga import clock
from kwiga.tokens import digest
from schools.journal import record_event
from schools.models import Invitation, Member, School, Secret
from schools.roles import Role
from schools.tenancy.scope import school_scope
from tests.factories.offers import PublishedOfferFactory


def invitation_token(school: School) -> str:
    """What the link of the school's one invitation carries."""
    return f"invitation-of-{school.slug}"


def fill(school: School) -> School:
    """Give the school at least one row in every tenant table (test_guards notices a table left out)."""
    PublishedOfferFactory(school=school)
    with school_scope(school):
        owner = Member.objects.get(school=school, role=Role.OWNER).user
        Invitation.objects.create(
            school=school,
            email=f"invited@{school.slug}.test",
            role=Role.SUPPORT,
            token_digest=digest(invitation_token(school)),
            invited_by=owner,
            expires_at=clock.now() + timedelta(days=7),
        )
        Secret.objects.create(school=school, name="sample", ciphertext="sealed", last_four="0000")
        record_event("school.changed", subject=school, actor=owner)
    return school
