"""Reads for the dashboard's pages of courses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet

from contacts.models import Contact
from courses.models import Access, Course, CourseProgress, Lesson, LessonCompletion, Module, Submission
from courses.selectors import Standing, counted, published_lessons, standing_from
from courses.services.content import SEARCH_KIND
from kwiga import clock
from schools.search import matching


@dataclass(frozen=True)
class Counts:
    """What stands beside a course in the list."""

    lessons: int = 0
    drafts: int = 0
    students: int = 0


@dataclass(frozen=True)
class Block:
    """A module with its lessons in order."""

    module: Module
    lessons: list[Lesson] = field(default_factory=list)


@dataclass(frozen=True)
class Student:
    """A contact with access to a course, and how far they are."""

    contact: Contact
    access: Access
    standing: Standing
    is_open: bool
    progress: CourseProgress | None


def courses_matching(text: str, status: str) -> QuerySet[Course]:
    """The courses whose words begin with each word typed, in this status; empty ones narrow nothing."""
    courses = Course.objects.select_related("cover")
    if status in Course.Status.values:
        courses = courses.filter(status=status)
    return matching(courses, SEARCH_KIND, text)


def counts_of(courses: Sequence[Course]) -> dict[int, Counts]:
    """Lessons and students of these courses, by the course's id: two queries, however many."""
    pks = [course.pk for course in courses]
    published = Count("pk", filter=Q(status=Lesson.Status.PUBLISHED))
    lessons = Lesson.objects.filter(course_id__in=pks).values("course_id").annotate(all=Count("pk"), out=published)
    students = Access.objects.open_at(clock.now()).filter(course_id__in=pks).values("course_id")
    by_course = {row["course_id"]: row["n"] for row in students.annotate(n=Count("contact_id", distinct=True))}
    known = {row["course_id"]: row for row in lessons}
    return {pk: _counts(known.get(pk), by_course.get(pk, 0)) for pk in pks}


def outline_of(course: Course) -> list[Block]:
    """The modules of a course with all their lessons, in order: two queries."""
    blocks = {module.pk: Block(module) for module in course.modules.order_by("position", "id")}
    for lesson in course.lessons.defer("body").order_by("position", "id"):
        blocks[lesson.module_id].lessons.append(lesson)
    return list(blocks.values())


def students_of(course: Course, accesses: Sequence[Access]) -> list[Student]:
    """How far the contacts of these accesses are, in their order: the same queries, however many."""
    at, contacts = clock.now(), [access.contact_id for access in accesses]
    own: dict[int, list[Access]] = {pk: [] for pk in contacts}
    for access in Access.objects.filter(course=course, contact__in=contacts, revoked_at=None).prefetch_related("parts"):
        own[access.contact_id].append(access)
    lessons = list(published_lessons([course.pk]))
    done: dict[int, set[int]] = {pk: set() for pk in contacts}
    completions = LessonCompletion.objects.filter(contact__in=contacts, lesson__course=course)
    for contact, lesson in completions.values_list("contact_id", "lesson_id"):
        done[contact].add(lesson)
    progress = {row.contact_id: row for row in CourseProgress.objects.filter(course=course, contact__in=contacts)}
    return [
        Student(
            contact=access.contact,
            access=access,
            standing=standing_from(own[access.contact_id], lessons, frozenset(done[access.contact_id]), at),
            is_open=any(one.is_open(at) for one in counted(own[access.contact_id], at)),
            progress=progress.get(access.contact_id),
        )
        for access in accesses
    ]


def student_accesses(course: Course) -> QuerySet[Access]:
    """One access of each contact of a course, the newest: what the page of students is turned by."""
    mine = Access.objects.filter(course=course, revoked_at=None)
    newer = mine.order_by("contact_id", "-created_at", "-id").distinct("contact_id").values("pk")
    return mine.filter(pk__in=newer).select_related("contact")


def submissions_in(state: str) -> QuerySet[Submission]:
    """The answers in this state, of all courses; a state that means nothing narrows nothing."""
    rows = Submission.objects.select_related("contact", "lesson__course")
    return rows.filter(state=state) if state in Submission.State.values else rows


def _counts(row: Mapping[str, Any] | None, students: int) -> Counts:
    return Counts(row["out"], row["all"] - row["out"], students) if row else Counts(students=students)
