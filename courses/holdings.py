"""What this app holds about contacts: what they may open, how far they are, what they handed in (trust D8)."""

from collections.abc import Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.holdings import Holding, classify, history_of, move_rows, register
from contacts.models import Contact
from contacts.own_holding import discard_files
from courses.models import Access, CourseProgress, LessonCompletion, Submission
from schools.models import StoredFile
from schools.tenancy.history import rewritten_history

_State = Submission.State


def register_own() -> None:
    """Register the part of this app, and whose the texts of its tables are."""
    register(Holding(key="courses", move=_move, erase=_erase, export=_export, files=_files, counts=_counts))
    classify("courses.Access", person="contact reason", code="cause")
    classify("courses.AccessPart")
    classify("courses.Attachment")
    classify("courses.Course", school="title summary description category", code="token status")
    classify("courses.CourseProgress", person="contact")
    classify("courses.Lesson", school="title body video_url", code="token kind acceptance status")
    classify("courses.LessonCompletion", person="contact")
    classify("courses.Module", school="title", code="token")
    classify("courses.Submission", person="contact text comment", code="token state")


def _move(other: Contact, into: Contact) -> None:
    Access.objects.filter(contact=other).update(contact=into)
    move_rows(LessonCompletion.objects.filter(contact=other), into, "lesson")
    _join_progress(other, into)
    _join_submissions(other, into)


def _join_progress(other: Contact, into: Contact) -> None:
    """The further of both; what was told to the journal is not told again."""
    own = {row.course_id: row for row in CourseProgress.objects.filter(contact=into)}
    for theirs in CourseProgress.objects.filter(contact=other):
        mine = own.get(theirs.course_id)
        if mine is None:
            continue
        if theirs.last_opened_at and (mine.last_opened_at is None or theirs.last_opened_at > mine.last_opened_at):
            mine.last_opened_at, mine.last_lesson = theirs.last_opened_at, theirs.last_lesson
        mine.told_percent = max(mine.told_percent, theirs.told_percent)
        mine.completed_at = min(filter(None, (mine.completed_at, theirs.completed_at)), default=None)
        mine.save(update_fields=["last_opened_at", "last_lesson", "told_percent", "completed_at"])
    move_rows(CourseProgress.objects.filter(contact=other), into, "course")


def _join_submissions(other: Contact, into: Contact) -> None:
    """One answer stands for each lesson: an accepted one before a waiting one, the newer before the older."""
    standing: dict[int, list[Submission]] = {}
    for row in Submission.objects.filter(contact__in=[other, into]).exclude(state=_State.RETURNED):
        standing.setdefault(row.lesson_id, []).append(row)
    for rows in standing.values():
        rows.sort(key=lambda row: (row.state == _State.ACCEPTED, row.created_at), reverse=True)
        beaten = [row.pk for row in rows[1:]]
        Submission.objects.filter(pk__in=beaten).update(state=_State.RETURNED)
    Submission.objects.filter(contact=other).update(contact=into)


def _erase(contact: Contact) -> None:
    accesses = Access.objects.filter(contact=contact)
    history = history_of(Access).objects.filter(school_id=contact.school_id)
    with rewritten_history(Access):
        accesses.update(reason="")
        history.filter(pgh_obj_id__in=accesses.values("pk")).update(reason="", pgh_context=None)
        history.filter(contact_id=contact.pk).update(reason="", pgh_context=None)
    answers = Submission.objects.filter(contact=contact)
    files = list(answers.exclude(file=None).values_list("file_id", flat=True))
    answers.update(text="", comment="", file=None)
    discard_files(StoredFile.objects.filter(pk__in=files))


def _export(contact: Contact) -> dict[str, Any]:
    accesses = Access.objects.filter(contact=contact).order_by("created_at", "pk")
    answers = Submission.objects.filter(contact=contact).order_by("created_at", "pk")
    done = LessonCompletion.objects.filter(contact=contact).order_by("completed_at", "pk")
    progress = CourseProgress.objects.filter(contact=contact).order_by("pk")
    return {
        "accesses": list(
            accesses.values("course__title", "starts_at", "ends_at", "revoked_at", "reason", "created_at")
        ),
        "lessons_done": list(done.values("lesson__title", "completed_at")),
        "progress": list(progress.values("course__title", "told_percent", "completed_at", "last_opened_at")),
        "answers": list(
            answers.values("lesson__title", "text", "file__name", "state", "comment", "created_at", "decided_at")
        ),
    }


def _counts(contact: Contact) -> list[tuple[str | Promise, int]]:
    return [
        (_("Accesses to courses"), Access.objects.filter(contact=contact).count()),
        (_("Lessons done"), LessonCompletion.objects.filter(contact=contact).count()),
        (_("Answers handed in"), Submission.objects.filter(contact=contact).count()),
    ]


def _files(contact: Contact) -> Iterable[StoredFile]:
    return StoredFile.objects.filter(
        pk__in=Submission.objects.filter(contact=contact).exclude(file=None).values("file")
    ).order_by("pk")
