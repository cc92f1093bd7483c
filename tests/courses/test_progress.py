"""Lessons done, and what the journal is told."""

import pytest

from courses.errors import LessonClosed, SubmissionRefused
from courses.models import CourseProgress, LessonCompletion, Submission
from courses.selectors import standing_of
from courses.services.assignments import accept_submission, hand_in, return_submission
from courses.services.outline import unpublish_lesson
from courses.services.progress import complete_lesson, remember_lesson, reopen_lesson
from kwiga import clock
from schools.files import FileRefused
from schools.models import Event
from tests.factories.contacts import ContactFactory
from tests.factories.courses import CourseFactory, give_access, lessons_of, make_assignment, modules_of
from tests.factories.files import text_upload, upload


@pytest.fixture
def course(school, contact):
    course = CourseFactory(school=school, modules=[3])
    give_access(contact, course)
    return course


def told(kind: str) -> list[object]:
    events = Event.objects.filter(kind=kind).order_by("pk")
    return [event.data.get("percent", event.subject_id) for event in events]


def test_each_tenth_of_a_course_is_told_once(scope, contact, course):
    lessons = lessons_of(course)
    complete_lesson(contact=contact, lesson=lessons[0])
    assert told("course.progress") == [10, 20, 30]
    complete_lesson(contact=contact, lesson=lessons[1])
    assert told("course.progress") == [10, 20, 30, 40, 50, 60]
    complete_lesson(contact=contact, lesson=lessons[2])
    assert told("course.progress") == [*range(10, 101, 10)]
    assert told("course.completed") == [course.pk]
    assert told("lesson.completed") == [lesson.pk for lesson in lessons]


def test_done_undone_and_done_again_tells_nothing_twice(scope, contact, course):
    lessons = lessons_of(course)
    for lesson in lessons:
        complete_lesson(contact=contact, lesson=lesson)
    reopen_lesson(contact=contact, lesson=lessons[0])
    reopen_lesson(contact=contact, lesson=lessons[0])
    assert standing_of(contact, course, clock.now()).percent == 66
    assert told("lesson.reopened") == [lessons[0].pk]
    complete_lesson(contact=contact, lesson=lessons[0])
    assert told("course.completed") == [course.pk]
    assert told("course.progress") == [*range(10, 101, 10)]


def test_a_lesson_that_is_not_open_cannot_be_done(scope, contact, course):
    stranger, lesson = ContactFactory(school=scope), lessons_of(course)[0]
    for verb in (complete_lesson, reopen_lesson):
        with pytest.raises(LessonClosed):
            verb(contact=stranger, lesson=lesson)
    with pytest.raises(LessonClosed):
        complete_lesson(contact=contact, lesson=unpublish_lesson(lesson=lesson, actor=None))
    assert not LessonCompletion.objects.exists()


def test_what_is_a_draft_again_does_not_count(scope, contact, course):
    lessons = lessons_of(course)
    complete_lesson(contact=contact, lesson=lessons[0])
    unpublish_lesson(lesson=lessons[1], actor=None)
    assert standing_of(contact, course, clock.now()).percent == 50


def test_the_last_lesson_is_remembered_without_a_word_in_the_journal(scope, contact, course):
    before = Event.objects.count()
    for lesson in lessons_of(course)[:2]:
        remember_lesson(contact=contact, lesson=lesson)
    assert CourseProgress.objects.get().last_lesson == lesson
    assert Event.objects.count() == before


# --- Assignments ---


@pytest.fixture
def assignment(scope, course):
    return make_assignment(modules_of(course)[0], acceptance="staff")


def test_an_answer_is_accepted_by_the_team_and_completes_its_lesson(scope, contact, assignment, owner):
    submission = hand_in(contact=contact, lesson=assignment, text=" My answer ")
    assert (submission.state, submission.text) == ("submitted", "My answer")
    assert told("assignment.submitted") == [submission.pk] and told("lesson.completed") == []

    accepted = accept_submission(submission=submission, comment="Well done", actor=owner)
    assert (accepted.state, accepted.comment, accepted.decided_by) == ("accepted", "Well done", owner)
    assert told("assignment.accepted") == [submission.pk]
    assert told("lesson.completed") == [assignment.pk]


def test_an_answer_is_accepted_at_once_where_the_lesson_says_so(scope, contact, course):
    lesson = make_assignment(modules_of(course)[0])
    submission = hand_in(contact=contact, lesson=lesson, upload=text_upload())
    assert submission.state == "accepted" and submission.file.name == "notes.txt"
    assert told("assignment.submitted") == told("assignment.accepted") == [submission.pk]
    assert told("lesson.completed") == [lesson.pk]


def test_a_returned_answer_is_followed_by_the_next(scope, contact, assignment, owner):
    first = hand_in(contact=contact, lesson=assignment, text="One")
    with pytest.raises(SubmissionRefused):
        return_submission(submission=first, comment="  ", actor=owner)
    return_submission(submission=first, comment="Say more", actor=owner)
    second = hand_in(contact=contact, lesson=assignment, text="Two")
    assert told("assignment.returned") == [first.pk]
    assert list(Submission.objects.order_by("pk").values_list("state", flat=True)) == ["returned", "submitted"]
    accept_submission(submission=second, actor=owner)
    assert told("lesson.completed") == [assignment.pk]


def test_an_answer_is_decided_once_and_one_waits_at_a_time(scope, contact, assignment, owner):
    submission = hand_in(contact=contact, lesson=assignment, text="One")
    with pytest.raises(SubmissionRefused):
        hand_in(contact=contact, lesson=assignment, text="Two")
    accept_submission(submission=submission, actor=owner)
    for verb in (accept_submission, return_submission):
        with pytest.raises(SubmissionRefused):
            verb(submission=submission, comment="Late", actor=owner)
    with pytest.raises(SubmissionRefused):
        hand_in(contact=contact, lesson=assignment, text="Three")
    assert told("assignment.accepted") == [submission.pk]


def test_what_cannot_be_handed_in(scope, contact, course, assignment):
    with pytest.raises(SubmissionRefused):
        hand_in(contact=contact, lesson=assignment, text=" \n ")
    with pytest.raises(SubmissionRefused):
        hand_in(contact=contact, lesson=lessons_of(course)[0], text="For a text")
    with pytest.raises(FileRefused):
        hand_in(contact=contact, lesson=assignment, upload=upload("page.html", b"<script>"))
    with pytest.raises(LessonClosed):
        hand_in(contact=ContactFactory(school=scope), lesson=assignment, text="Not mine")
    assert not Submission.objects.exists()


def test_an_assignment_is_not_done_by_a_mark(scope, contact, assignment, owner):
    with pytest.raises(LessonClosed):
        complete_lesson(contact=contact, lesson=assignment)
    accept_submission(submission=hand_in(contact=contact, lesson=assignment, text="One"), actor=owner)
    with pytest.raises(LessonClosed):
        reopen_lesson(contact=contact, lesson=assignment)
