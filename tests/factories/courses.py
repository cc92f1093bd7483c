"""Courses and students, made by the services that make them."""

from datetime import datetime
from typing import Any

import factory

from contacts.models import Contact
from courses.models import Access, Course, Lesson, Module
from courses.services.access import Part, open_access
from courses.services.content import CourseTerms, create_course, publish_course
from courses.services.outline import LessonTerms, add_lesson, add_module, publish_lesson
from kwiga import clock
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.schools import SchoolFactory


class CourseFactory(factory.Factory[Course]):
    """A published course with two modules of two published lessons; `modules=[3, 1]` counts the lessons of each.

    `status="draft"` leaves the course, not its lessons, a draft.
    """

    class Meta:
        model = Course

    school = factory.SubFactory(SchoolFactory)
    title = factory.Sequence(lambda n: f"Course {n}")
    summary = "A short course."
    modules = (2, 2)
    status = Course.Status.PUBLISHED

    @classmethod
    def _create(cls, model_class: type[Course], *args: Any, **fields: Any) -> Course:
        school, token = fields.pop("school"), fields.pop("token", None)
        modules, status = fields.pop("modules"), fields.pop("status")
        with school_scope(school):
            course = create_course(terms=CourseTerms(**fields), actor=None, token=token)
            for number, lessons in enumerate(modules, 1):
                _fill(course, number, lessons)
            return publish_course(course=course, actor=None) if status == Course.Status.PUBLISHED else course


def _fill(course: Course, number: int, lessons: int) -> None:
    module = add_module(course=course, title=f"Module {number}", actor=None)
    for place in range(1, lessons + 1):
        make_lesson(module, title=f"Lesson {number}.{place}")


def make_lesson(module: Module, *, is_draft: bool = False, **terms: Any) -> Lesson:
    """One more lesson at the end of a module, in the open scope; published unless it is to be a draft."""
    terms = {"title": "Lesson", "body": "<p>What you learn.</p>"} | terms
    lesson = add_lesson(module=module, terms=LessonTerms(**terms), actor=None)
    return lesson if is_draft else publish_lesson(lesson=lesson, actor=None)


def make_assignment(module: Module, **terms: Any) -> Lesson:
    """An assignment at the end of a module, in the open scope; accepted at once unless told otherwise."""
    return make_lesson(module, **({"title": "Assignment", "kind": Lesson.Kind.ASSIGNMENT} | terms))


def modules_of(course: Course) -> list[Module]:
    """The modules in order, in the open scope."""
    return list(course.modules.order_by("position", "id"))


def lessons_of(course: Course) -> list[Lesson]:
    """All lessons in the order of the course, in the open scope."""
    return list(course.lessons.order_by("module__position", "position", "id"))


def give_access(
    contact: Contact,
    *parts: Part | Course | Module | Lesson,
    school: School | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    cause: str = "",
) -> list[Access]:
    """Open courses, modules or lessons to a contact, from now and for ever unless told otherwise."""
    with school_scope(school or contact.school_id):
        return open_access(
            contact=contact,
            parts=[_part(part) for part in parts],
            starts_at=starts_at or clock.now(),
            ends_at=ends_at,
            cause=cause or f"test:{Access.objects.count()}",
        )


def _part(thing: Part | Course | Module | Lesson) -> Part:
    if isinstance(thing, Course):
        return Part(thing.pk)
    if isinstance(thing, Module):
        return Part(thing.course_id, module_id=thing.pk)
    return Part(thing.course_id, lesson_id=thing.pk) if isinstance(thing, Lesson) else thing
