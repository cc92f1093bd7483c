"""Verbs of courses: each one transaction, each with its line in the journal."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from courses.models import Course
from kwiga import clock
from kwiga.richtext import clean, plain_text
from schools import search
from schools.files import discard, store_image
from schools.journal import record_event
from schools.models import User
from schools.tenancy.scope import current_school_id

SEARCH_KIND = "course"


@dataclass(frozen=True, kw_only=True)
class CourseTerms:
    """What a person writes on a course's form; `description` is HTML and gets cleaned."""

    title: str
    summary: str = ""
    description: str = ""
    category: str = ""


@transaction.atomic
def create_course(*, terms: CourseTerms, actor: User | None, token: str | None = None) -> Course:
    """A new draft in the open scope's school; `token` fixes its address (12 characters)."""
    course = Course(school_id=current_school_id(), **_fields(terms))
    if token:
        course.token = token
    course.save(force_insert=True)
    _index(course)
    record_event("course.created", subject=course, actor=actor)
    return course


@transaction.atomic
def change_course(*, course: Course, terms: CourseTerms, actor: User | None) -> Course:
    """Write new words on a course; students see them at once."""
    locked = locked_course(course)
    for name, value in _fields(terms).items():
        setattr(locked, name, value)
    _save(locked, *_fields(terms))
    _index(locked)
    record_event("course.changed", subject=locked, actor=actor)
    return locked


@transaction.atomic
def set_cover(*, course: Course, upload: Any | None, actor: User | None) -> Course:
    """Give a course a picture, or take it away with None. Raises FileRefused."""
    locked = locked_course(course)
    former = locked.cover
    locked.cover = store_image(upload, name=locked.title) if upload else None
    _save(locked, "cover")
    if former:
        discard(former)
    record_event("course.changed", subject=locked, actor=actor)
    return locked


def publish_course(*, course: Course, actor: User | None) -> Course:
    """Show a course to those who have access."""
    return _set_status(course, Course.Status.PUBLISHED, "course.published", actor)


def unpublish_course(*, course: Course, actor: User | None) -> Course:
    """Make a course a draft again: nobody but the team sees it, and no access is lost."""
    return _set_status(course, Course.Status.DRAFT, "course.unpublished", actor)


def locked_course(course: Course) -> Course:
    """The course, locked: whoever changes its outline waits here for others who do."""
    return Course.objects.select_for_update(of=("self",)).get(pk=course.pk)


@transaction.atomic
def _set_status(course: Course, status: str, event: str, actor: User | None) -> Course:
    locked = locked_course(course)
    if locked.status != status:
        locked.status = status
        _save(locked, "status")
        record_event(event, subject=locked, actor=actor)
    return locked


def _fields(terms: CourseTerms) -> dict[str, str]:
    return {
        "title": terms.title,
        "summary": terms.summary,
        "description": clean(terms.description),
        "category": terms.category,
    }


def _save(course: Course, *fields: str) -> None:
    course.updated_at = clock.now()
    course.save(update_fields=[*fields, "updated_at"])


def _index(course: Course) -> None:
    search.index(SEARCH_KIND, course.pk, course.title, course.category, plain_text(course.summary))
