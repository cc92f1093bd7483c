"""What a contact may open, and how far they are. Only published lessons of published courses count."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from contacts.models import Contact
from courses.models import Access, Course, CourseProgress, Lesson, LessonCompletion


@dataclass(frozen=True, kw_only=True)
class CourseCard:
    """A course of a contact: how many of the lessons owned are done, where to go on, and until when it is open.

    `ends_at` is None when it never ends; `next_lesson` is None when nothing is open.
    """

    course: Course
    percent: int
    done: int
    total: int
    next_lesson: Lesson | None
    starts_at: datetime
    ends_at: datetime | None
    is_open: bool


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far a contact is in one course: ids of lessons; `owned` in the order of the course."""

    open: frozenset[int]
    owned: tuple[int, ...]
    done: frozenset[int]

    @property
    def done_count(self) -> int:
        """How many of the lessons owned are done."""
        return sum(1 for lesson in self.owned if lesson in self.done)

    @property
    def percent(self) -> int:
        """Of the lessons owned, rounded down: 100 is all of them."""
        return self.done_count * 100 // len(self.owned) if self.owned else 0


def open_lessons(contact: Contact, course: Course, at: datetime) -> set[int]:
    """Ids of the lessons that the contact may open at that instant; several accesses add up (K26)."""
    return set(standing_of(contact, course, at).open)


def standing_of(contact: Contact, course: Course, at: datetime) -> Standing:
    """What is open, owned and done for this contact in this course; nothing while the course is a draft."""
    if not course.is_published:
        return Standing(open=frozenset(), owned=(), done=frozenset())
    done = LessonCompletion.objects.filter(contact=contact, lesson__course=course).values_list("lesson_id", flat=True)
    accesses = list(accesses_of(contact).filter(course=course))
    return standing_from(accesses, list(published_lessons([course.pk])), frozenset(done), at)


def courses_of(contact: Contact, at: datetime) -> list[CourseCard]:
    """One card for each published course of the contact, however many accesses it has; open ones first (K26)."""
    accesses = accesses_of(contact).filter(course__status=Course.Status.PUBLISHED).select_related("course__cover")
    by_course: defaultdict[int, list[Access]] = defaultdict(list)
    for access in accesses.order_by("-created_at", "-id"):
        by_course[access.course_id].append(access)
    lessons: defaultdict[int, list[Lesson]] = defaultdict(list)
    for lesson in published_lessons(by_course):
        lessons[lesson.course_id].append(lesson)
    done = frozenset(LessonCompletion.objects.filter(contact=contact).values_list("lesson_id", flat=True))
    last = dict(CourseProgress.objects.filter(contact=contact).values_list("course_id", "last_lesson_id"))
    cards = [_card(own, lessons[course], done, last.get(course), at) for course, own in by_course.items()]
    return sorted(cards, key=lambda card: not card.is_open)


def owned_course_ids(contact: Contact, at: datetime) -> set[int]:
    """Ids of the courses open to the contact as a whole at that instant; single modules and lessons do not count."""
    return set(Access.objects.open_at(at).filter(contact=contact, is_whole=True).values_list("course_id", flat=True))


def accesses_of(contact: Contact) -> QuerySet[Access]:
    """The accesses of a contact that nobody revoked, with their parts."""
    return Access.objects.filter(contact=contact, revoked_at=None).prefetch_related("parts")


def published_lessons(courses: Iterable[int]) -> QuerySet[Lesson]:
    """The published lessons of these courses in the order of the course, without their text."""
    lessons = Lesson.objects.filter(course_id__in=list(courses), status=Lesson.Status.PUBLISHED)
    return lessons.defer("body").order_by("course_id", "module__position", "module_id", "position", "id")


def counted(accesses: Sequence[Access], at: datetime) -> list[Access]:
    """The accesses that say what a contact owns: those that have not ended, or, when all have, all of them."""
    return [access for access in accesses if access.ends_at is None or at < access.ends_at] or list(accesses)


def standing_from(
    accesses: Sequence[Access], lessons: Sequence[Lesson], done: frozenset[int], at: datetime
) -> Standing:
    """The standing of somebody with these accesses, of lessons in the order of the course."""
    opened = _covered([access for access in accesses if access.is_open(at)], lessons)
    owned = _covered(counted(accesses, at), lessons)
    in_order = tuple(lesson.pk for lesson in lessons if lesson.pk in owned)
    return Standing(open=frozenset(opened), owned=in_order, done=done)


def _covered(accesses: Sequence[Access], lessons: Sequence[Lesson]) -> set[int]:
    if any(access.is_whole for access in accesses):
        return {lesson.pk for lesson in lessons}
    parts = [part for access in accesses for part in access.parts.all()]
    modules, single = {part.module_id for part in parts}, {part.lesson_id for part in parts}
    return {lesson.pk for lesson in lessons if lesson.module_id in modules or lesson.pk in single}


def _card(
    accesses: Sequence[Access], lessons: Sequence[Lesson], done: frozenset[int], last: int | None, at: datetime
) -> CourseCard:
    standing, own = standing_from(accesses, lessons, done, at), counted(accesses, at)
    ends = [access.ends_at for access in own]
    return CourseCard(
        course=accesses[0].course,
        percent=standing.percent,
        done=standing.done_count,
        total=len(standing.owned),
        next_lesson=_next(lessons, standing, last),
        starts_at=min(access.starts_at for access in own),
        ends_at=None if None in ends else max(filter(None, ends)),
        is_open=any(access.is_open(at) for access in own),
    )


def _next(lessons: Sequence[Lesson], standing: Standing, last: int | None) -> Lesson | None:
    """The lesson last opened while it is not done, else the first one that is not done, else the first."""
    opened = [lesson for lesson in lessons if lesson.pk in standing.open]
    waiting = [lesson for lesson in opened if lesson.pk not in standing.done]
    return next((lesson for lesson in waiting if lesson.pk == last), next(iter(waiting or opened), None))
