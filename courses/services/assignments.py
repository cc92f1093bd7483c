"""Verbs of assignments: handed in by students, accepted or returned by the team."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from courses.errors import SubmissionRefused
from courses.models import Lesson, Submission
from courses.services.progress import check_open, locked_progress, record_completion
from kwiga import clock
from schools.files import store_attachment
from schools.journal import record_event
from schools.models import User
from schools.tenancy.scope import current_school_id

_DECISIONS = {
    Submission.State.ACCEPTED: "assignment.accepted",
    Submission.State.RETURNED: "assignment.returned",
}


@transaction.atomic
def hand_in(*, contact: Contact, lesson: Lesson, text: str = "", upload: Any | None = None) -> Submission:
    """Hand in an answer, in words or as a file. Accepted at once where the lesson says so.

    Raises LessonClosed, FileRefused, or SubmissionRefused: nothing said, or an answer waits or is accepted already.
    """
    check_open(contact, lesson)
    _check_answer(lesson, text, upload)
    locked_progress(contact, lesson.course_id)
    if standing_submission(contact, lesson):
        raise SubmissionRefused(_("You have handed in an answer already."))
    submission = Submission.objects.create(
        school_id=current_school_id(),
        contact=contact,
        lesson=lesson,
        text=text.strip(),
        file=store_attachment(upload) if upload else None,
        created_at=clock.now(),
    )
    record_event("assignment.submitted", subject=submission, data=_facts(submission))
    if lesson.acceptance == Lesson.Acceptance.AT_ONCE:
        _decide(submission, Submission.State.ACCEPTED, "", None)
    return submission


@transaction.atomic
def accept_submission(*, submission: Submission, comment: str = "", actor: User | None) -> Submission:
    """Accept an answer, which completes its lesson. Raises SubmissionRefused when it was decided already."""
    return _decide(_waiting(submission), Submission.State.ACCEPTED, comment, actor)


@transaction.atomic
def return_submission(*, submission: Submission, comment: str, actor: User | None) -> Submission:
    """Give an answer back with a word on why; the student hands in the next. Raises SubmissionRefused."""
    if not comment.strip():
        raise SubmissionRefused(_("Write what the student should do differently."))
    return _decide(_waiting(submission), Submission.State.RETURNED, comment, actor)


def standing_submission(contact: Contact, lesson: Lesson) -> Submission | None:
    """The answer that waits or is accepted, if there is one."""
    standing = Submission.objects.filter(contact=contact, lesson=lesson).exclude(state=Submission.State.RETURNED)
    return standing.first()


def _check_answer(lesson: Lesson, text: str, upload: Any | None) -> None:
    if lesson.kind != Lesson.Kind.ASSIGNMENT:
        raise SubmissionRefused(_("Nothing is handed in for this lesson."))
    if not text.strip() and not upload:
        raise SubmissionRefused(_("Write an answer or choose a file."))


def _waiting(submission: Submission) -> Submission:
    locked = Submission.objects.select_for_update(of=("self",)).select_related("lesson__course", "contact")
    found = locked.get(pk=submission.pk)
    if found.state != Submission.State.SUBMITTED:
        raise SubmissionRefused(_("This answer was decided already."))
    return found


def _decide(submission: Submission, state: Submission.State, comment: str, actor: User | None) -> Submission:
    submission.state, submission.comment = state, comment.strip()
    submission.decided_at, submission.decided_by = clock.now(), actor
    submission.save(update_fields=["state", "comment", "decided_at", "decided_by"])
    record_event(_DECISIONS[state], subject=submission, actor=actor, data=_facts(submission))
    if state == Submission.State.ACCEPTED:
        record_completion(submission.contact, submission.lesson)
    return submission


def _facts(submission: Submission) -> dict[str, int]:
    return {"contact": submission.contact_id, "course": submission.lesson.course_id, "lesson": submission.lesson_id}
