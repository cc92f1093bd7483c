"""What the team picks from when it makes an order by hand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contacts.models import Contact
from courses.models import Course, Lesson, Module
from courses.services.access import Part
from offers.models import Offer
from schools import search

PEOPLE_SHOWN, OFFERS_SHOWN, COURSES_SHOWN = 8, 200, 100


@dataclass(frozen=True)
class Piece:
    """One thing that can be opened: its value in a form, its title, and what that means."""

    value: str
    title: str
    part: Part


@dataclass(frozen=True)
class Branch:
    """A module with its lessons."""

    module: Piece
    lessons: Sequence[Piece]


@dataclass(frozen=True)
class Tree:
    """A course with all that can be opened of it."""

    course: Piece
    is_published: bool
    branches: Sequence[Branch]

    def pieces(self) -> Iterable[Piece]:
        yield self.course
        for branch in self.branches:
            yield branch.module
            yield from branch.lessons


def people_found(typed: str) -> list[Contact]:
    """The newest contacts whose email, name or phone has words that begin so; none for an empty text."""
    if not typed.strip():
        return []
    return list(search.matching(Contact.objects.newest_first(), "contact", typed)[:PEOPLE_SHOWN])


def offers_to_give() -> list[Offer]:
    """Offers that a person can be given, newest first: all but the archived ones."""
    return list(Offer.objects.exclude(status=Offer.Status.ARCHIVED).newest_first()[:OFFERS_SHOWN])


def course_trees() -> list[Tree]:
    """The newest courses with modules and lessons in their order; three queries."""
    courses = list(Course.objects.order_by("-created_at", "-id")[:COURSES_SHOWN])
    lessons: dict[int, list[Piece]] = {}
    for lesson in (
        Lesson.objects.filter(course__in=courses).only("title", "module", "course").order_by("position", "id")
    ):
        piece = Piece(f"lesson-{lesson.pk}", lesson.title, Part(lesson.course_id, None, lesson.pk))
        lessons.setdefault(lesson.module_id, []).append(piece)
    branches: dict[int, list[Branch]] = {}
    for module in Module.objects.filter(course__in=courses).order_by("position", "id"):
        piece = Piece(f"module-{module.pk}", module.title, Part(module.course_id, module.pk, None))
        branches.setdefault(module.course_id, []).append(Branch(piece, lessons.get(module.pk, [])))
    return [
        Tree(
            Piece(f"course-{course.pk}", course.title, Part(course.pk)),
            course.is_published,
            branches.get(course.pk, []),
        )
        for course in courses
    ]
