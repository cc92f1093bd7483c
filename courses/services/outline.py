"""Verbs of modules and lessons: what a course consists of, and in what order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max, ProtectedError
from django.utils.translation import gettext_lazy as _

from courses.errors import ContentRefused
from courses.models import Attachment, Course, Lesson, LessonCompletion, Module, Submission
from courses.services.content import locked_course
from kwiga import clock
from kwiga.richtext import clean
from schools.files import discard, store_attachment
from schools.journal import record_event
from schools.models import User


@dataclass(frozen=True, kw_only=True)
class LessonTerms:
    """What a person writes on a lesson's form; `body` is HTML and gets cleaned."""

    title: str
    kind: str = Lesson.Kind.LESSON
    body: str = ""
    video_url: str = ""
    acceptance: str = Lesson.Acceptance.AT_ONCE
    is_final: bool = False


# --- Modules ---


@transaction.atomic
def add_module(*, course: Course, title: str, actor: User | None) -> Module:
    """A new module at the end of the course."""
    locked = locked_course(course)
    last = locked.modules.aggregate(last=Max("position"))["last"]
    position = 0 if last is None else last + 1
    module = Module.objects.create(school_id=locked.school_id, course=locked, title=title, position=position)
    record_event("module.added", subject=module, actor=actor, data=_facts(module))
    return module


@transaction.atomic
def rename_module(*, module: Module, title: str, actor: User | None) -> Module:
    """Another title."""
    module.title = title
    module.save(update_fields=["title"])
    record_event("module.renamed", subject=module, actor=actor, data=_facts(module))
    return module


@transaction.atomic
def place_module(*, module: Module, index: int, actor: User | None) -> None:
    """Put a module at a place of its course, counted from 0; others move up."""
    course = locked_course(module.course)
    if _place(list(course.modules.order_by("position", "id")), module, index):
        record_event("module.moved", subject=module, actor=actor, data=_facts(module))


@transaction.atomic
def delete_module(*, module: Module, actor: User | None) -> None:
    """Delete a module with its lessons. Raises ContentRefused when one of them is sold, or was learned by somebody."""
    locked_course(module.course)
    lessons = list(module.lessons.all())
    _refuse_used(lessons)
    facts, files = _facts(module), _files(lessons)
    _delete(module, _("“%(title)s” is part of what was sold or given. Make its lessons drafts instead."))
    for file in files:
        discard(file)
    record_event("module.deleted", actor=actor, data=facts)


# --- Lessons ---


@transaction.atomic
def add_lesson(*, module: Module, terms: LessonTerms, actor: User | None) -> Lesson:
    """A new draft at the end of the module. Raises ContentRefused when the course has a final assignment already."""
    locked_course(module.course)
    last = module.lessons.aggregate(last=Max("position"))["last"]
    lesson = Lesson(
        school_id=module.school_id,
        module=module,
        course=module.course,
        position=0 if last is None else last + 1,
        **_fields(terms),
    )
    _check_final(lesson)
    lesson.save(force_insert=True)
    record_event("lesson.added", subject=lesson, actor=actor, data=_facts(lesson))
    return lesson


@transaction.atomic
def change_lesson(*, lesson: Lesson, terms: LessonTerms, actor: User | None) -> Lesson:
    """Write new words. Raises ContentRefused for a second final assignment, and for an answered one made a text."""
    locked_course(lesson.course)
    if terms.kind != lesson.kind and lesson.submissions.exists():
        raise ContentRefused(_("Students have handed in answers, so this stays an assignment."))
    for name, value in _fields(terms).items():
        setattr(lesson, name, value)
    _check_final(lesson)
    _save(lesson, *_fields(terms))
    record_event("lesson.changed", subject=lesson, actor=actor, data=_facts(lesson))
    return lesson


def publish_lesson(*, lesson: Lesson, actor: User | None) -> Lesson:
    """Show a lesson to those who own it."""
    return _set_status(lesson, Lesson.Status.PUBLISHED, "lesson.published", actor)


def unpublish_lesson(*, lesson: Lesson, actor: User | None) -> Lesson:
    """Make a lesson a draft again; it no longer counts, and who did it keeps the mark."""
    return _set_status(lesson, Lesson.Status.DRAFT, "lesson.unpublished", actor)


@transaction.atomic
def place_lesson(*, lesson: Lesson, module: Module, index: int, actor: User | None) -> None:
    """Put a lesson at a place, counted from 0, of this or another module of its course.

    Raises ContentRefused for a module of another course. Who bought the lesson keeps it; who bought a module has
    what is in it (K26).
    """
    locked_course(lesson.course)
    if module.course_id != lesson.course_id:
        raise ContentRefused(_("A lesson stays in its course."))
    moved = lesson.module_id != module.pk
    if moved:
        lesson.module = module
        lesson.save(update_fields=["module"])
    others = [other for other in module.lessons.order_by("position", "id") if other.pk != lesson.pk]
    if _place([*others, lesson] if moved else _in_order(module), lesson, index) or moved:
        record_event("lesson.moved", subject=lesson, actor=actor, data=_facts(lesson))


@transaction.atomic
def delete_lesson(*, lesson: Lesson, actor: User | None) -> None:
    """Delete a lesson. Raises ContentRefused when it is sold by itself, or was learned by somebody."""
    locked_course(lesson.course)
    _refuse_used([lesson])
    facts, files = _facts(lesson), _files([lesson])
    _delete(lesson, _("“%(title)s” is part of what was sold or given. Make it a draft instead."))
    for file in files:
        discard(file)
    record_event("lesson.deleted", actor=actor, data=facts)


# --- Attachments ---


@transaction.atomic
def attach(*, lesson: Lesson, upload: Any, actor: User | None) -> Attachment:
    """Add a file to a lesson. Raises FileRefused."""
    locked_course(lesson.course)
    last = lesson.attachments.aggregate(last=Max("position"))["last"]
    position = 0 if last is None else last + 1
    file = store_attachment(upload)
    attachment = Attachment.objects.create(school_id=lesson.school_id, lesson=lesson, file=file, position=position)
    record_event("lesson.changed", subject=lesson, actor=actor, data=_facts(lesson))
    return attachment


@transaction.atomic
def detach(*, attachment: Attachment, actor: User | None) -> None:
    """Take a file off its lesson and delete it."""
    lesson, file = attachment.lesson, attachment.file
    attachment.delete()
    discard(file)
    record_event("lesson.changed", subject=lesson, actor=actor, data=_facts(lesson))


# --- Shared ---


@transaction.atomic
def _set_status(lesson: Lesson, status: str, event: str, actor: User | None) -> Lesson:
    if lesson.status != status:
        lesson.status = status
        _save(lesson, "status")
        record_event(event, subject=lesson, actor=actor, data=_facts(lesson))
    return lesson


def _fields(terms: LessonTerms) -> dict[str, Any]:
    is_assignment = terms.kind == Lesson.Kind.ASSIGNMENT
    return {
        "title": terms.title,
        "kind": terms.kind,
        "body": clean(terms.body),
        "video_url": terms.video_url,
        "acceptance": terms.acceptance if is_assignment else Lesson.Acceptance.AT_ONCE,
        "is_final": terms.is_final and is_assignment,
    }


def _check_final(lesson: Lesson) -> None:
    if not lesson.is_final:
        return
    other = Lesson.objects.filter(course_id=lesson.course_id, is_final=True).exclude(pk=lesson.pk).first()
    if other:
        raise ContentRefused(
            _("“%(title)s” is the final assignment of this course. A course has one.") % {"title": other.title}
        )


def _refuse_used(lessons: Sequence[Lesson]) -> None:
    """What somebody has learned or handed in is not deleted with a lesson."""
    pks = [lesson.pk for lesson in lessons]
    used = (
        LessonCompletion.objects.filter(lesson__in=pks).exists() or Submission.objects.filter(lesson__in=pks).exists()
    )
    if used:
        raise ContentRefused(_("Students have worked on this already. Make it a draft instead: nobody sees it then."))


def _delete(row: Module | Lesson, refusal: Any) -> None:
    try:
        row.delete()
    except ProtectedError as error:
        raise ContentRefused(refusal % {"title": row.title}) from error


def _files(lessons: Sequence[Lesson]) -> list[Any]:
    found = Attachment.objects.filter(lesson__in=[lesson.pk for lesson in lessons]).select_related("file")
    return [attachment.file for attachment in found]


def _in_order(module: Module) -> list[Lesson]:
    return list(module.lessons.order_by("position", "id"))


def _place(rows: list[Any], row: Any, index: int) -> bool:
    """Number the rows with `row` at `index`; whether anything moved."""
    before = [other.pk for other in rows]
    rest = [other for other in rows if other.pk != row.pk]
    rest.insert(max(0, min(index, len(rest))), row)
    for position, other in enumerate(rest):
        if other.position != position:
            other.position = position
            other.save(update_fields=["position"])
    return [other.pk for other in rest] != before


def _save(lesson: Lesson, *fields: str) -> None:
    lesson.updated_at = clock.now()
    lesson.save(update_fields=[*fields, "updated_at"])


def _facts(row: Module | Lesson) -> dict[str, Any]:
    return {"course": row.course_id, "title": row.title}
