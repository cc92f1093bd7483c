"""What this app tells about contacts: a fact to filter them by, and a section of their page."""

from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from contacts import card, facts
from contacts.models import Contact
from courses.models import Access, Course, Submission
from courses.selectors import courses_of
from kwiga import clock
from schools.roles import Right


def register_own() -> None:
    """Register the fact and the section of this app."""
    facts.register(
        facts.Fact(
            key="access", label=_("Has an open course"), label_not=_("Has no open course"), condition=_has_access
        )
    )
    card.register(
        card.CardSection(
            template="courses/_contact_access.html", right=Right.VIEW_COURSES, context=_access, subjects=_subjects
        )
    )


def _has_access() -> Exists:
    return Exists(Access.objects.open_at(clock.now()).filter(contact=OuterRef("pk")))


def _access(contact: Contact) -> dict[str, Any]:
    now = clock.now()
    hidden = Access.objects.filter(contact=contact, revoked_at=None).values("course_id")
    drafts = Course.objects.filter(pk__in=hidden, status=Course.Status.DRAFT).order_by("-created_at", "-id")
    return {"cards": courses_of(contact, now), "drafts": drafts, "now": now}


def _subjects(contact: Contact) -> list[tuple[str, Any]]:
    accesses = Access.objects.filter(contact=contact).values("pk")
    return [("access", accesses), ("submission", Submission.objects.filter(contact=contact).values("pk"))]
