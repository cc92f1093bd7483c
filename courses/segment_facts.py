"""What conditions can ask of a contact's courses: access, progress, lessons and assignments."""

from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Greatest
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.translation import gettext_lazy as _

from contacts.segments import facts
from contacts.segments.breadth import is_of_few
from contacts.segments.facts import SegmentFact
from contacts.segments.operators import Kind, Operator, has_or_not
from contacts.segments.values import Percent
from courses.models import Access, Course, CourseProgress, Lesson, LessonCompletion, Submission
from kwiga import clock

_COURSES = _("Courses")
_PUBLISHED = Lesson.Status.PUBLISHED


def register_own() -> None:
    """Register the facts of this app."""
    facts.register(_access(), _progress(), _completed(), _lesson(), _assignment())


def _access() -> SegmentFact:
    had = Operator("had", _("had it, and has it no more"), has_or_not("", "")[0].takes)
    return SegmentFact(
        key="access",
        label=_("Access to a course"),
        topic=_COURSES,
        kind=Kind.CHOICE,
        operators=(*has_or_not(_("has it now"), _("does not have it now")), had),
        condition=_has_access,
        choices=_course_choices,
        any_label=_("any course"),
        sentences={
            "has": _("has access to %(value)s"),
            "has_not": _("has no access to %(value)s"),
            "had": _("had access to %(value)s, and has it no more"),
        },
    )


def _has_access(op: str, token: str) -> Q:
    own = Access.objects.filter(contact=OuterRef("pk"), **_of_course(token))
    is_open = Q(Exists(own.open_at(clock.now())))
    if op == "had":
        return Q(Exists(own)) & ~is_open
    return is_open if op == "has" else ~is_open


def _progress() -> SegmentFact:
    percent = Percent()
    return SegmentFact(
        key="course_progress",
        label=_("Progress in a course"),
        topic=_COURSES,
        kind=Kind.NUMBER,
        operators=(Operator("at_least", _("at least"), percent), Operator("less", _("less than"), percent)),
        condition=_has_progress,
        choices=_course_choices,
        sentences={"at_least": _("has done at least %(value)s"), "less": _("has done less than %(value)s")},
    )


def _has_progress(op: str, value: Any) -> Q:
    """The percent of `courses.selectors.standing_of`, among those who have the course or had it."""
    course, percent = _of_course(value["of"]), value["value"]
    bought = Q(Exists(Access.objects.filter(contact=OuterRef("pk"), revoked_at=None, **course)))
    reached = _reached(course, percent) if percent else Q(bought)
    return bought & (reached if op == "at_least" else ~reached)


def _reached(course: dict[str, Any], percent: int) -> Q:
    """At least that percent of the lessons owned, which are all of them for who owns the whole course."""
    whole = Q(Exists(_counted(OuterRef("pk"), course).filter(is_whole=True)))
    return (whole & _reached_of_all(course, percent)) | (~whole & _reached_of_some(course, percent))


def _reached_of_all(course: dict[str, Any], percent: int) -> Q:
    """Counted per contact, but the lessons of the course once; none at all is no progress."""
    lessons = Lesson.objects.filter(status=_PUBLISHED, course__status=Course.Status.PUBLISHED, **course)
    wanted = Greatest(_number_of(lessons) * percent, 1)
    completed = LessonCompletion.objects.filter(lesson__in=lessons)
    if is_of_few():
        done = _number_of(completed.filter(contact=OuterRef("pk")))
        return Q(GreaterThanOrEqual(done * 100, wanted))
    done = completed.order_by().values("contact").annotate(score=Count("pk") * 100 - wanted)
    return Q(pk__in=done.filter(score__gte=0).values("contact"))


def _reached_of_some(course: dict[str, Any], percent: int) -> Q:
    person = OuterRef(OuterRef("pk"))
    parts = Q(parts__module=OuterRef("module")) | Q(parts__lesson=OuterRef("pk"))
    owned = Lesson.objects.filter(
        Exists(_counted(person, course).filter(parts)),
        status=_PUBLISHED,
        course__status=Course.Status.PUBLISHED,
        **course,
    )
    done = Count("pk", filter=Exists(LessonCompletion.objects.filter(contact=person, lesson=OuterRef("pk"))))
    score = _in_one(owned).annotate(score=done * 100 - Greatest(Count("pk") * percent, 1)).values("score")
    return Q(GreaterThanOrEqual(Coalesce(Subquery(score, output_field=IntegerField()), -1), 0))


def _counted(person: Any, course: dict[str, Any]) -> Any:
    """The accesses that say what is owned: those that have not ended, or, when all have, all of them."""
    own = Access.objects.filter(contact=person, revoked_at=None, **course)
    standing = Q(ends_at=None) | Q(ends_at__gt=clock.now())
    others = Access.objects.filter(standing, contact=OuterRef("contact"), course=OuterRef("course"), revoked_at=None)
    return own.filter(standing | ~Q(Exists(others)))


def _number_of(rows: QuerySet[Any]) -> Any:
    """How many rows a correlated query finds, as a number in another query."""
    counted = _in_one(rows).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _in_one(rows: QuerySet[Any]) -> Any:
    """All rows as one group."""
    return rows.order_by().annotate(one=Value(1)).values("one")


def _completed() -> SegmentFact:
    return SegmentFact(
        key="course_completed",
        label=_("Course completed"),
        topic=_COURSES,
        kind=Kind.CHOICE,
        operators=has_or_not(_("has completed"), _("has not completed")),
        condition=_has_completed,
        choices=_course_choices,
        any_label=_("any course"),
        sentences={"has": _("has completed %(value)s"), "has_not": _("has not completed %(value)s")},
    )


def _has_completed(op: str, token: str) -> Q:
    own = CourseProgress.objects.filter(contact=OuterRef("pk"), completed_at__isnull=False, **_of_course(token))
    return Q(Exists(own)) if op == "has" else ~Q(Exists(own))


def _lesson() -> SegmentFact:
    return SegmentFact(
        key="lesson_done",
        label=_("Lesson done"),
        topic=_COURSES,
        kind=Kind.CHOICE,
        operators=has_or_not(_("has done"), _("has not done")),
        condition=_has_done,
        choices=lambda: _lesson_choices(Lesson.objects.all()),
        sentences={"has": _("has done %(value)s"), "has_not": _("has not done %(value)s")},
    )


def _has_done(op: str, token: str) -> Q:
    own = LessonCompletion.objects.filter(contact=OuterRef("pk"), lesson__token=token)
    return Q(Exists(own)) if op == "has" else ~Q(Exists(own))


def _assignment() -> SegmentFact:
    asked = has_or_not("", "")[0].takes
    return SegmentFact(
        key="assignment",
        label=_("Assignment"),
        topic=_COURSES,
        kind=Kind.CHOICE,
        operators=(
            Operator("accepted", _("was accepted"), asked),
            Operator("waiting", _("waits for the team"), asked),
            Operator("not_accepted", _("was not accepted so far"), asked),
        ),
        condition=_has_handed_in,
        choices=lambda: _lesson_choices(Lesson.objects.filter(kind=Lesson.Kind.ASSIGNMENT)),
        any_label=_("any assignment"),
        sentences={
            "accepted": _("has an accepted answer to %(value)s"),
            "waiting": _("waits for an answer to %(value)s"),
            "not_accepted": _("has no accepted answer to %(value)s"),
        },
    )


def _has_handed_in(op: str, token: str) -> Q:
    state = Submission.State.SUBMITTED if op == "waiting" else Submission.State.ACCEPTED
    lesson = {"lesson__token": token} if token else {}
    own = Submission.objects.filter(contact=OuterRef("pk"), state=state, **lesson)
    return ~Q(Exists(own)) if op == "not_accepted" else Q(Exists(own))


def _of_course(token: str) -> dict[str, Any]:
    return {"course__token": token} if token else {}


def _course_choices() -> list[tuple[str, str]]:
    return list(Course.objects.order_by("title", "pk").values_list("token", "title"))


def _lesson_choices(lessons: QuerySet[Lesson]) -> list[tuple[str, str]]:
    in_order = lessons.order_by("course__title", "course", "module__position", "module", "position", "pk")
    return [
        (token, f"{course} · {lesson}")
        for token, course, lesson in in_order.values_list("token", "course__title", "title")
    ]
