"""What is in a course, and what of it is open."""

from collections.abc import Callable
from typing import Any

from courses.models import Course, Lesson
from courses.selectors import open_lessons
from kwiga import clock
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.courses import lessons_of, modules_of


def opened(contact, course, at=None) -> list[str]:
    """Titles of the lessons that are open."""
    with school_scope(contact.school_id):
        open_now = open_lessons(contact, course, at or clock.now())
        return [lesson.title for lesson in lessons_of(course) if lesson.pk in open_now]


def parts(course):
    with school_scope(course.school_id):
        return modules_of(course), lessons_of(course)


def in_scope(school: School, read: Callable[[], Any]) -> Any:
    with school_scope(school):
        return read()


def first_lesson(school: School, course: Course) -> Lesson:
    return in_scope(school, lambda: lessons_of(course)[0])
