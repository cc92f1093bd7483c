"""Verbs of learning: a lesson done, and what the course makes of it."""

from collections.abc import Collection
from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from courses.errors import LessonClosed
from courses.models import CourseProgress, Lesson, LessonCompletion
from courses.selectors import Standing, open_lessons, standing_of
from kwiga import clock
from schools.journal import record_event
from schools.tenancy.scope import current_school_id

STEP = 10


@transaction.atomic
def complete_lesson(*, contact: Contact, lesson: Lesson) -> None:
    """Mark a lesson as done; a second time does nothing. Raises LessonClosed for one that is not open.

    An assignment is done when its answer is accepted, and not before.
    """
    progress = locked_progress(contact, lesson.course_id)
    standing = standing_of(contact, lesson.course, clock.now())
    _check_among(standing.open, lesson)
    if lesson.kind == Lesson.Kind.ASSIGNMENT:
        raise LessonClosed(_("An assignment is done when your answer is accepted."))
    _record(progress, standing, contact, lesson)


@transaction.atomic
def reopen_lesson(*, contact: Contact, lesson: Lesson) -> None:
    """Take the mark off a lesson again; steps told and a course completed stay told."""
    check_open(contact, lesson)
    if lesson.kind == Lesson.Kind.ASSIGNMENT:
        raise LessonClosed(_("An accepted assignment stays done."))
    locked_progress(contact, lesson.course_id)
    deleted, _rows = LessonCompletion.objects.filter(contact=contact, lesson=lesson).delete()
    if deleted:
        record_event("lesson.reopened", subject=lesson, data=_facts(contact, lesson))


@transaction.atomic
def remember_lesson(*, contact: Contact, lesson: Lesson) -> None:
    """Remember where the student is; no fact of the journal."""
    CourseProgress.objects.update_or_create(
        school_id=current_school_id(),
        contact=contact,
        course_id=lesson.course_id,
        defaults={"last_lesson": lesson, "last_opened_at": clock.now()},
    )


def check_open(contact: Contact, lesson: Lesson) -> None:
    """Raise LessonClosed when the contact may not open the lesson now."""
    _check_among(open_lessons(contact, lesson.course, clock.now()), lesson)


def record_completion(contact: Contact, lesson: Lesson) -> None:
    """Write the completion, and tell what follows: each tenth of the course once, its completion once.

    Two at once wait for each other at the row of the course's progress, so that the second counts the first.
    """
    progress = locked_progress(contact, lesson.course_id)
    _record(progress, standing_of(contact, lesson.course, clock.now()), contact, lesson)


def locked_progress(contact: Contact, course_id: int) -> CourseProgress:
    """The progress of a contact in a course, locked; made when there is none."""
    key = {"school_id": current_school_id(), "contact_id": contact.pk, "course_id": course_id}
    CourseProgress.objects.bulk_create([CourseProgress(**key)], ignore_conflicts=True)
    return CourseProgress.objects.select_for_update(of=("self",)).select_related("course").get(**key)


def _check_among(opened: Collection[int], lesson: Lesson) -> None:
    if lesson.pk not in opened:
        raise LessonClosed(_("This lesson is not open to you."))


def _record(progress: CourseProgress, standing: Standing, contact: Contact, lesson: Lesson) -> None:
    """`standing` was read behind the lock of the progress, before the lesson was done."""
    _done, is_new = LessonCompletion.objects.get_or_create(
        school_id=current_school_id(), contact=contact, lesson=lesson, defaults={"completed_at": clock.now()}
    )
    if is_new:
        record_event("lesson.completed", subject=lesson, data=_facts(contact, lesson))
        _tell(progress, replace(standing, done=standing.done | {lesson.pk}).percent)


def _tell(progress: CourseProgress, percent: int) -> None:
    facts = {"contact": progress.contact_id, "course": progress.course_id}
    for step in range(progress.told_percent + STEP, percent + 1, STEP):
        record_event("course.progress", subject=progress.course, data=facts | {"percent": step})
        progress.told_percent = step
    if percent == 100 and progress.completed_at is None:
        progress.completed_at = clock.now()
        record_event("course.completed", subject=progress.course, data=facts)
    progress.save(update_fields=["told_percent", "completed_at"])


def _facts(contact: Contact, lesson: Lesson) -> dict[str, int]:
    return {"contact": contact.pk, "course": lesson.course_id}
