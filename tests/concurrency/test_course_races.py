"""Two requests of one student at once: each with the fence, and again with the fence taken down."""

import pytest
from django.db.models import QuerySet

from courses.errors import SubmissionRefused
from courses.models import CourseProgress, Submission
from courses.services import assignments, progress
from courses.services.assignments import hand_in
from courses.services.progress import complete_lesson
from schools.models import Event
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.courses import CourseFactory, give_access, lessons_of, make_assignment, modules_of
from tests.support.races import Meeting, race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.prove]


@pytest.fixture
def course(school):
    return CourseFactory(school=school, modules=[2])


@pytest.fixture
def contact(school, course):
    contact = ContactFactory(school=school)
    give_access(contact, course)
    return contact


@pytest.fixture
def meet_before_telling(monkeypatch):
    """Hold each racer between counting what is done and telling it, where the race would be lost."""
    meeting, tell = Meeting(2), progress._tell

    def meet_and_tell(row: CourseProgress, percent: int) -> None:
        meeting.wait()
        tell(row, percent)

    monkeypatch.setattr(progress, "_tell", meet_and_tell)


@pytest.fixture
def no_locks(monkeypatch):
    """The fence taken down: rows are read without being locked, and the row of the progress is there already."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, *args, **kwargs: rows)


def in_school(school, verb, **arguments):
    def act():
        with school_scope(school):
            return verb(**arguments)

    return act


def told(school) -> dict[str, list[object]]:
    with school_scope(school):
        events = Event.objects.filter(kind__in=["course.progress", "course.completed"]).order_by("pk")
        steps = [event.data["percent"] for event in events if event.kind == "course.progress"]
        return {"steps": sorted(steps), "completed": [e.kind for e in events if e.kind == "course.completed"]}


def finish_both_lessons(school, course, contact):
    with school_scope(school):
        progress.locked_progress(contact, course.pk)
        lessons = lessons_of(course)
    return race(*[in_school(school, complete_lesson, contact=contact, lesson=lesson) for lesson in lessons])


def test_of_two_last_lessons_done_at_once_one_completes_the_course(school, course, contact, meet_before_telling):
    assert finish_both_lessons(school, course, contact) == [None, None]
    assert told(school) == {"steps": [*range(10, 101, 10)], "completed": ["course.completed"]}


def test_without_the_lock_neither_completes_it_and_half_is_told_twice(
    school, course, contact, meet_before_telling, no_locks
):
    """The control: each counts its own lesson alone."""
    assert finish_both_lessons(school, course, contact) == [None, None]
    assert told(school) == {"steps": sorted([*range(10, 51, 10)] * 2), "completed": []}


def test_one_lesson_done_twice_at_once_is_told_once(school, course, contact):
    with school_scope(school):
        first, last = lessons_of(course)
        complete_lesson(contact=contact, lesson=first)
    outcomes = race(*[in_school(school, complete_lesson, contact=contact, lesson=last)] * 2)
    assert outcomes == [None, None]
    assert told(school)["completed"] == ["course.completed"]
    with school_scope(school):
        assert Event.objects.filter(kind="lesson.completed").count() == 2


def test_of_two_answers_handed_in_at_once_one_stands(school, course, contact):
    lesson = _assignment(school, course)
    outcomes = race(*[in_school(school, hand_in, contact=contact, lesson=lesson, text=text) for text in "ab"])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Submission", "SubmissionRefused"], outcomes
    with school_scope(school):
        assert Submission.objects.count() == 1
        assert Event.objects.filter(kind="assignment.submitted").count() == 1


def test_without_the_lock_only_the_database_refuses_the_second_answer(school, course, contact, no_locks, monkeypatch):
    """The control: both find nothing handed in."""
    lesson, meeting, ask = _assignment(school, course), Meeting(2), assignments.standing_submission
    with school_scope(school):
        progress.locked_progress(contact, course.pk)

    def ask_and_meet(*args):
        found = ask(*args)
        meeting.wait()
        return found

    monkeypatch.setattr(assignments, "standing_submission", ask_and_meet)
    outcomes = race(*[in_school(school, hand_in, contact=contact, lesson=lesson, text=text) for text in "ab"])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["IntegrityError", "Submission"], outcomes
    assert not any(isinstance(outcome, SubmissionRefused) for outcome in outcomes)


def _assignment(school, course):
    with school_scope(school):
        return make_assignment(modules_of(course)[0], acceptance="staff")
