"""Courses, modules and lessons: made, put in order, and not deleted while somebody needs them."""

import pytest

from courses.errors import ContentRefused
from courses.listing import counts_of, courses_matching, outline_of
from courses.models import Course, Lesson, Module
from courses.services.assignments import hand_in
from courses.services.content import (
    CourseTerms,
    change_course,
    create_course,
    publish_course,
    set_cover,
    unpublish_course,
)
from courses.services.outline import (
    LessonTerms,
    add_lesson,
    add_module,
    attach,
    change_lesson,
    delete_lesson,
    delete_module,
    detach,
    place_lesson,
    place_module,
    rename_module,
)
from courses.services.progress import complete_lesson
from offers.models import OfferItem
from schools.models import Event, StoredFile
from tests.factories.contacts import ContactFactory
from tests.factories.courses import CourseFactory, give_access, lessons_of, make_assignment, make_lesson, modules_of
from tests.factories.files import picture, text_upload
from tests.factories.offers import OfferFactory


@pytest.fixture
def course(scope) -> Course:
    return CourseFactory(school=scope)


def titles(course: Course) -> list[list[str]]:
    return [[lesson.title for lesson in block.lessons] for block in outline_of(course)]


def kinds() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("kind", flat=True))


# --- The course ---


def test_a_course_is_made_changed_published_and_withdrawn(scope, owner):
    course = create_course(terms=CourseTerms(title="One", description="<p onclick=x>Hi</p>"), actor=owner)
    assert (course.description, course.is_published) == ("<p>Hi</p>", False)
    course = change_course(course=course, terms=CourseTerms(title="Two", description="<script>x</script>"), actor=owner)
    assert (course.title, course.description) == ("Two", "")
    assert publish_course(course=course, actor=owner).is_published
    publish_course(course=course, actor=owner)
    assert not unpublish_course(course=course, actor=owner).is_published
    assert kinds() == ["course.created", "course.changed", "course.published", "course.unpublished"]


def test_a_new_cover_takes_the_place_of_the_former(scope, course):
    first = set_cover(course=course, upload=picture(), actor=None).cover
    second = set_cover(course=course, upload=picture(), actor=None).cover
    assert list(StoredFile.objects.all()) == [second] and first != second
    assert set_cover(course=course, upload=None, actor=None).cover is None
    assert not StoredFile.objects.exists()


def test_courses_are_found_by_the_beginning_of_words(scope):
    painting = create_course(terms=CourseTerms(title="Акварель для всіх", category="Painting"), actor=None)
    other = create_course(terms=CourseTerms(title="English for work", summary="Talk at work"), actor=None)
    assert list(courses_matching("аквар", "")) == [painting]
    assert list(courses_matching("paint ВСІХ", "")) == [painting]
    assert list(courses_matching("tal", "draft")) == [other]
    assert list(courses_matching("talk", "published")) == []
    change_course(course=other, terms=CourseTerms(title="Deutsch"), actor=None)
    assert list(courses_matching("english", "")) == []


def test_lessons_and_students_are_counted(scope, course):
    make_lesson(modules_of(course)[0], is_draft=True)
    contact = ContactFactory(school=scope)
    give_access(contact, course)
    give_access(contact, lessons_of(course)[0])
    counts = counts_of([course])[course.pk]
    assert (counts.lessons, counts.drafts, counts.students) == (4, 1, 1)


# --- The order ---


@pytest.mark.parametrize(("index", "order"), [(0, "cab"), (1, "acb"), (9, "abc"), (-5, "cab")])
def test_a_module_is_put_in_its_place(scope, index, order):
    course = CourseFactory(school=scope, modules=[])
    modules = [add_module(course=course, title=title, actor=None) for title in "abc"]
    place_module(module=modules[2], index=index, actor=None)
    assert "".join(module.title for module in modules_of(course)) == order
    assert ("module.moved" in kinds()) == (order != "abc")


def test_a_lesson_is_put_in_its_place_and_into_another_module(scope, course):
    first, second = modules_of(course)
    lessons = lessons_of(course)
    place_lesson(lesson=lessons[1], module=first, index=0, actor=None)
    assert titles(course)[0] == ["Lesson 1.2", "Lesson 1.1"]
    place_lesson(lesson=lessons[1], module=second, index=1, actor=None)
    assert titles(course) == [["Lesson 1.1"], ["Lesson 2.1", "Lesson 1.2", "Lesson 2.2"]]
    add_lesson(module=second, terms=LessonTerms(title="Last"), actor=None)
    assert titles(course)[1][-1] == "Last"


def test_a_lesson_stays_in_its_course(scope, course):
    elsewhere = modules_of(CourseFactory(school=scope))[0]
    with pytest.raises(ContentRefused):
        place_lesson(lesson=lessons_of(course)[0], module=elsewhere, index=0, actor=None)


# --- Lessons ---


def test_a_lesson_is_cleaned_on_the_way_in(scope, course):
    terms = LessonTerms(title="T", body="<p>a</p><img src=x onerror=y>", acceptance="staff", is_final=True)
    lesson = add_lesson(module=modules_of(course)[0], terms=terms, actor=None)
    assert (lesson.body, lesson.acceptance, lesson.is_final) == ("<p>a</p>", "at_once", False)
    assert lesson.status == Lesson.Status.DRAFT


def test_a_course_has_one_final_assignment(scope, course):
    module = modules_of(course)[0]
    first = make_assignment(module, title="First", is_final=True)
    other = make_assignment(module, title="Other")
    with pytest.raises(ContentRefused, match="First"):
        change_lesson(lesson=other, terms=LessonTerms(title="Other", kind="assignment", is_final=True), actor=None)
    change_lesson(lesson=first, terms=LessonTerms(title="First", kind="assignment", is_final=True), actor=None)


def test_an_answered_assignment_stays_one(scope, course):
    contact = ContactFactory(school=scope)
    give_access(contact, course)
    lesson = make_assignment(modules_of(course)[0])
    hand_in(contact=contact, lesson=lesson, text="Answer")
    with pytest.raises(ContentRefused):
        change_lesson(lesson=lesson, terms=LessonTerms(title="Text"), actor=None)


def test_files_come_and_go_with_their_lesson(scope, course):
    lesson = lessons_of(course)[0]
    first = attach(lesson=lesson, upload=text_upload("a.txt"), actor=None)
    attach(lesson=lesson, upload=text_upload("b.txt"), actor=None)
    detach(attachment=first, actor=None)
    assert [file.name for file in StoredFile.objects.all()] == ["b.txt"]
    delete_lesson(lesson=lesson, actor=None)
    assert not StoredFile.objects.exists()


# --- Deleting ---


def test_what_nobody_uses_is_deleted(scope, course):
    rename_module(module=modules_of(course)[0], title="Renamed", actor=None)
    delete_lesson(lesson=lessons_of(course)[0], actor=None)
    delete_module(module=modules_of(course)[1], actor=None)
    assert titles(course) == [["Lesson 1.2"]]
    event = Event.objects.get(kind="module.deleted")
    assert event.data == {"course": course.pk, "title": "Module 2"}


@pytest.mark.parametrize("sold", ["module", "lesson"])
def test_what_is_sold_is_not_deleted(scope, course, sold):
    module, lesson = modules_of(course)[0], lessons_of(course)[0]
    part = {"module": module} if sold == "module" else {"lesson": lesson}
    OfferItem.objects.create(school=scope, offer=OfferFactory(school=scope), course=course, **part)
    with pytest.raises(ContentRefused, match="sold"):
        delete_module(module=module, actor=None)
    if sold == "lesson":
        with pytest.raises(ContentRefused, match="sold"):
            delete_lesson(lesson=lesson, actor=None)
    assert Module.objects.filter(pk=module.pk).exists()


def test_what_was_given_or_learned_is_not_deleted(scope, course):
    contact = ContactFactory(school=scope)
    lessons = lessons_of(course)
    give_access(contact, lessons[0], modules_of(course)[1])
    with pytest.raises(ContentRefused, match="given"):
        delete_lesson(lesson=lessons[0], actor=None)
    complete_lesson(contact=contact, lesson=lessons[2])
    with pytest.raises(ContentRefused, match="worked"):
        delete_lesson(lesson=lessons[2], actor=None)
    with pytest.raises(ContentRefused):
        delete_module(module=modules_of(course)[1], actor=None)
    assert len(lessons_of(course)) == 4
