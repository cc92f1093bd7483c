"""The courses of a school as a tree to choose from: courses, their modules, their lessons."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from courses.models import Course, Lesson, Module
from offers.models import OfferItem
from offers.services import ItemTerms

_KEY = re.compile(r"[cml][0-9]{1,18}")


@dataclass(frozen=True, kw_only=True)
class Node:
    """Something an offer can open; `key` is its word in the form: "c5", "m7", "l12"."""

    key: str
    title: str
    item: ItemTerms
    is_draft: bool = False
    children: list["Node"] = field(default_factory=list)


def course_tree() -> list[Node]:
    """Every course of the open scope's school with its parts in their order; three queries."""
    modules: dict[int, list[Module]] = {}
    lessons: dict[int, list[Lesson]] = {}
    for module in Module.objects.order_by("position", "id"):
        modules.setdefault(module.course_id, []).append(module)
    for lesson in Lesson.objects.defer("body").order_by("position", "id"):
        lessons.setdefault(lesson.module_id, []).append(lesson)
    courses = Course.objects.defer("description").order_by("title", "id")
    return [_course(course, modules.get(course.pk, []), lessons) for course in courses]


def _course(course: Course, modules: list[Module], lessons: dict[int, list[Lesson]]) -> Node:
    return Node(
        key=f"c{course.pk}",
        title=course.title,
        item=ItemTerms(course_id=course.pk),
        is_draft=not course.is_published,
        children=[_module(module, lessons.get(module.pk, [])) for module in modules],
    )


def _module(module: Module, lessons: list[Lesson]) -> Node:
    return Node(
        key=f"m{module.pk}",
        title=module.title,
        item=ItemTerms(course_id=module.course_id, module_id=module.pk),
        children=[_lesson(lesson) for lesson in lessons],
    )


def _lesson(lesson: Lesson) -> Node:
    return Node(
        key=f"l{lesson.pk}",
        title=lesson.title,
        item=ItemTerms(course_id=lesson.course_id, lesson_id=lesson.pk),
        is_draft=lesson.status == Lesson.Status.DRAFT,
    )


def key_of(item: OfferItem | ItemTerms) -> str:
    """The word of an item in the form."""
    if item.lesson_id:
        return f"l{item.lesson_id}"
    return f"m{item.module_id}" if item.module_id else f"c{item.course_id}"


def chosen(tree: list[Node], keys: Iterable[str]) -> list[Node]:
    """The nodes chosen by their keys, in the tree's order; what a chosen node contains goes without saying.

    Raises LookupError for a key that is not in the tree.
    """
    wanted = set(keys)
    if any(not _KEY.fullmatch(key) for key in wanted) or wanted - {node.key for node in _all(tree)}:
        raise LookupError("no such course, module or lesson")
    return [found for node in tree for found in ticked(node, wanted)]


def ticked(node: Node, keys: set[str]) -> list[Node]:
    """The node if it is ticked, else what is ticked below it."""
    if node.key in keys:
        return [node]
    return [found for child in node.children for found in ticked(child, keys)]


def _all(nodes: list[Node]) -> Iterable[Node]:
    for node in nodes:
        yield node
        yield from _all(node.children)
