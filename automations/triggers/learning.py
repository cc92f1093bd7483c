"""Triggers of courses: progress, lessons, assignments, access about to end."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from automations.objects import find, id_of
from automations.settings_fields import FieldKind, SettingField
from automations.triggers.clock import RowRule, shifted
from automations.triggers.registry import Finder, Occurrence, Settings, Text, Trigger, register
from courses.models import Access, Lesson
from courses.selectors import published_lessons
from courses.services.progress import STEP
from schools.models import Event

_GROUP = _("Learning")
_COURSE = SettingField(name="course", kind=FieldKind.COURSE, label=_("Course"))
_LESSON = SettingField(name="lesson", kind=FieldKind.LESSON, label=_("Lesson"))
_FINAL = SettingField(name="final", kind=FieldKind.FLAG, label=_("Only the last assignment of the course"))
_COURSE_GIVEN = frozenset({"course"})


def register_own() -> None:
    """Register the triggers of learning."""
    percent = SettingField(
        name="percent", kind=FieldKind.NUMBER, label=_("Percent"), required=True, minimum=1, maximum=100, initial=100
    )
    days = SettingField(
        name="days", kind=FieldKind.NUMBER, label=_("Days before"), required=True, maximum=365, initial=7
    )
    _add("course.progress", _("A course is done to a percentage"), (_COURSE, percent), _progress, ("course.progress",))
    _add("course.completed", _("A course is completed"), (_COURSE,), _in_course, ("course.completed",))
    _add("lesson.completed", _("A lesson is completed"), (_COURSE, _LESSON), _lesson, ("lesson.completed",))
    for name, label in (
        ("assignment.submitted", _("An assignment is handed in")),
        ("assignment.accepted", _("An assignment is accepted")),
    ):
        _add(name, label, (_COURSE, _LESSON, _FINAL), _assignment, (name,))
    register(
        Trigger(
            key="access.ending",
            label=_("Access to a course is about to end"),
            group=_GROUP,
            fields=(_COURSE, days),
            clock=EndingAccess(),
            gives=_COURSE_GIVEN,
            ends_when_paid=True,
        )
    )


def _add(key: str, label: Text, fields: tuple[SettingField, ...], happened: Finder, kinds: tuple[str, ...]) -> None:
    register(
        Trigger(
            key=key, label=label, group=_GROUP, fields=fields, occurrences=happened, kinds=kinds, gives=_COURSE_GIVEN
        )
    )


def _progress(event: Event, settings: Settings) -> Iterable[Occurrence]:
    # Progress is told in tenths: 75 % is reached when 80 % is told.
    wanted = settings.get("percent") or 100
    if event.data["percent"] - STEP < wanted <= event.data["percent"]:
        yield from _in_course(event, settings)


def _in_course(event: Event, settings: Settings) -> Iterable[Occurrence]:
    course = event.data["course"]
    if _chosen(settings, FieldKind.COURSE, course):
        yield _about(event, f"course:{course}")


def _lesson(event: Event, settings: Settings) -> Iterable[Occurrence]:
    lesson = event.subject_id
    if _chosen(settings, FieldKind.COURSE, event.data["course"]) and _chosen(settings, FieldKind.LESSON, lesson):
        yield _about(event, f"lesson:{lesson}")


def _assignment(event: Event, settings: Settings) -> Iterable[Occurrence]:
    course, lesson = event.data["course"], event.data["lesson"]
    if not _chosen(settings, FieldKind.COURSE, course) or not _chosen(settings, FieldKind.LESSON, lesson):
        return
    if settings.get("final") and lesson != _last_assignment(course):
        return
    yield _about(event, f"lesson:{lesson}")


def _last_assignment(course_id: int) -> int | None:
    assignments = published_lessons([course_id]).filter(kind=Lesson.Kind.ASSIGNMENT)
    return next((lesson.pk for lesson in reversed(list(assignments))), None)


def _chosen(settings: Settings, kind: FieldKind, pk: int | None) -> bool:
    token = settings.get(str(kind), "")
    return not token or id_of(kind, token) == pk


def _about(event: Event, about: str) -> Occurrence:
    data = event.data
    return Occurrence(contact_id=data["contact"], key=f"event:{event.pk}", about=about, course_id=data["course"])


class EndingAccess(RowRule):
    """Openings that end so many days from now; longer ones of the same course make up for them."""

    def rows(self, settings: Settings, since: datetime, until: datetime) -> "QuerySet[Access]":
        days = settings.get("days") or 0
        ending = self._open(settings).filter(ends_at__gt=shifted(since, days), ends_at__lte=shifted(until, days))
        return ending.filter(created_at__lt=until)

    def next_due(self, settings: Settings, after: datetime) -> datetime | None:
        days = settings.get("days") or 0
        rows = self._open(settings).filter(ends_at__gt=shifted(after, days)).order_by("ends_at")
        first = rows.values_list("ends_at", flat=True).first()
        return shifted(first, -days) if first else None

    def occurrence(self, row: Access, settings: Settings) -> Occurrence | None:
        if row.ends_at is None:
            return None
        others = Access.objects.filter(contact=row.contact_id, course=row.course_id, revoked_at=None).exclude(pk=row.pk)
        longer = [other for other in others if other.ends_at is None or other.ends_at > row.ends_at]
        if any(other.is_whole or not row.is_whole for other in longer):
            return None
        return Occurrence(
            contact_id=row.contact_id,
            key=f"access:{row.pk}:{row.ends_at.isoformat()}",
            about=f"course:{row.course_id}",
            course_id=row.course_id,
        )

    def _open(self, settings: Settings) -> "QuerySet[Access]":
        rows = Access.objects.filter(revoked_at=None, ends_at__isnull=False)
        token = settings.get("course", "")
        return rows.filter(course=find(FieldKind.COURSE, token)) if token else rows
