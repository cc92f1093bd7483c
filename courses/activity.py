"""What happens to courses and students, as the activity page says it."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from courses.models import Course
from schools.activity import Kind, Subject, Topic, register
from schools.models import Event, School


def register_own() -> None:
    """Register the topics of this app."""
    register("courses", Topic(label=_("Courses"), kinds=_COURSES, subjects=_courses))
    register("learning", Topic(label=_("Learning"), kinds=_LEARNING, subjects=_learners))


def _title(event: Event) -> str:
    return str(event.data.get("title", ""))


def _percent(event: Event) -> str:
    return f"{event.data.get('percent', 0)} %"


_COURSES = {
    "course.created": Kind(_("Course made"), "book-open"),
    "course.changed": Kind(_("Course changed"), "pencil"),
    "course.published": Kind(_("Course published"), "eye"),
    "course.unpublished": Kind(_("Course made a draft again"), "eye-off"),
    "module.added": Kind(_("Module added"), "folder-plus", _title),
    "module.renamed": Kind(_("Module renamed"), "pencil", _title),
    "module.moved": Kind(_("Module moved"), "arrow-up-down", _title),
    "module.deleted": Kind(_("Module deleted"), "trash-2", _title),
    "lesson.added": Kind(_("Lesson added"), "file-plus", _title),
    "lesson.changed": Kind(_("Lesson changed"), "pencil", _title),
    "lesson.published": Kind(_("Lesson published"), "eye", _title),
    "lesson.unpublished": Kind(_("Lesson made a draft again"), "eye-off", _title),
    "lesson.moved": Kind(_("Lesson moved"), "arrow-up-down", _title),
    "lesson.deleted": Kind(_("Lesson deleted"), "trash-2", _title),
}
_LEARNING = {
    "access.opened": Kind(_("Access opened"), "key-round"),
    "access.revoked": Kind(_("Access revoked"), "lock"),
    "access.changed": Kind(_("Dates of an access changed"), "calendar-clock"),
    "access.moved": Kind(_("Access moved to another person"), "arrow-right-left"),
    "lesson.completed": Kind(_("Lesson completed"), "check"),
    "lesson.reopened": Kind(_("Lesson marked as not done"), "undo-2"),
    "course.progress": Kind(_("Further in a course"), "chart-no-axes-column-increasing", _percent),
    "course.completed": Kind(_("Course completed"), "graduation-cap"),
    "assignment.submitted": Kind(_("Assignment handed in"), "upload"),
    "assignment.accepted": Kind(_("Assignment accepted"), "circle-check"),
    "assignment.returned": Kind(_("Assignment returned"), "undo-2"),
}


def _courses(school: School, events: Sequence[Event]) -> dict[int, Subject]:
    courses = Course.objects.in_bulk({event.data.get("course") or event.subject_id for event in events})
    found = {event.pk: courses.get(event.data.get("course") or event.subject_id or 0) for event in events}
    return {pk: Subject(course.title, _address(school, course)) for pk, course in found.items() if course}


def _learners(school: School, events: Sequence[Event]) -> dict[int, Subject]:
    """Who learns what: the person and the course, with the page of the course."""
    contacts = Contact.objects.in_bulk({event.data.get("contact") for event in events} - {None})
    courses = Course.objects.in_bulk({event.data.get("course") for event in events} - {None})
    found = {event.pk: _learner(school, event, contacts, courses) for event in events}
    return {pk: subject for pk, subject in found.items() if subject}


def _learner(school: School, event: Event, contacts: dict[Any, Contact], courses: dict[Any, Course]) -> Subject | None:
    contact, course = contacts.get(event.data.get("contact")), courses.get(event.data.get("course"))
    if course is None:
        return Subject(str(contact)) if contact else None
    return Subject(f"{contact} · {course.title}" if contact else course.title, _address(school, course))


def _address(school: School, course: Course) -> str:
    return reverse("courses:detail", args=[school.slug, course.token])
