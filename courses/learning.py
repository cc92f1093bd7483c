"""Reads for the pages on which students learn."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from django.db.models import QuerySet

from contacts.models import Contact
from courses.models import Access, Course, Lesson, Module, Submission
from courses.selectors import Standing, accesses_of


@dataclass(frozen=True)
class Line:
    """A lesson in the outline, as this student sees it."""

    lesson: Lesson
    is_open: bool
    is_done: bool


@dataclass(frozen=True)
class Stage:
    """A module with the lessons a student sees in it, locked ones included."""

    module: Module
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Closed:
    """Why something is not open: it opens at `starts_at`, it ended at `ended_at`, or it was never bought."""

    starts_at: datetime | None = None
    ended_at: datetime | None = None


def stages_of(course: Course, standing: Standing) -> list[Stage]:
    """The published lessons of a course by module, with what is done and what is locked: one query."""
    lessons = _in_order(course).filter(status=Lesson.Status.PUBLISHED)
    lines = [Line(lesson, lesson.pk in standing.open, lesson.pk in standing.done) for lesson in lessons]
    return _staged(lines)


def previewed_stages(course: Course) -> list[Stage]:
    """All lessons of a course, drafts included, as if they were open."""
    return _staged([Line(lesson, is_open=True, is_done=False) for lesson in _in_order(course)])


def neighbors(stages: Sequence[Stage], lesson: Lesson) -> tuple[Lesson | None, Lesson | None]:
    """The open lessons before and after one."""
    opened = [line.lesson for stage in stages for line in stage.lines if line.is_open]
    place = next(index for index, other in enumerate(opened) if other.pk == lesson.pk)
    return (opened[place - 1] if place else None, opened[place + 1] if place + 1 < len(opened) else None)


def why_closed(contact: Contact, course: Course, lesson: Lesson | None, at: datetime) -> Closed:
    """Why a lesson, or the whole course, is not open to a contact at that instant."""
    own = [access for access in accesses_of(contact).filter(course=course) if _covers(access, lesson)]
    to_come = [access.starts_at for access in own if at < access.starts_at]
    ended = [access.ends_at for access in own if access.ends_at is not None and access.ends_at <= at]
    return Closed(starts_at=min(to_come, default=None), ended_at=max(ended, default=None))


def answers_of(contact: Contact, lesson: Lesson) -> list[Submission]:
    """What a student handed in for an assignment, newest first."""
    rows = Submission.objects.filter(contact=contact, lesson=lesson).select_related("file")
    return list(rows.order_by("-pk"))


def _in_order(course: Course) -> QuerySet[Lesson]:
    lessons = Lesson.objects.filter(course=course).select_related("module").defer("body")
    return lessons.order_by("module__position", "module_id", "position", "id")


def _staged(lines: Sequence[Line]) -> list[Stage]:
    by_module = groupby(lines, key=lambda line: line.lesson.module_id)
    staged = [list(own) for _module, own in by_module]
    return [Stage(own[0].lesson.module, own) for own in staged]


def _covers(access: Access, lesson: Lesson | None) -> bool:
    if access.is_whole or lesson is None:
        return True
    return any(part.module_id == lesson.module_id or part.lesson_id == lesson.pk for part in access.parts.all())
