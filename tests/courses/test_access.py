"""What a contact may open: several accesses, parts of courses, windows."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from courses.selectors import courses_of, owned_course_ids, standing_of
from courses.services.access import revoke_access
from courses.services.content import unpublish_course
from courses.services.outline import place_lesson
from courses.services.progress import complete_lesson
from kwiga import clock
from offers.models import Offer
from schools.models import Event
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.courses import CourseFactory, give_access, make_lesson, modules_of
from tests.support.courses import opened, parts

KYIV = ZoneInfo("Europe/Kyiv")
DAY = timedelta(days=1)


# --- What is opened ---


def test_without_access_nothing_is_open(contact, course):
    assert opened(contact, course) == []


def test_a_whole_course_opens_all_its_published_lessons(contact, course):
    give_access(contact, course)
    with school_scope(course.school_id):
        make_lesson(modules_of(course)[0], title="Draft", is_draft=True)
    assert opened(contact, course) == ["Lesson 1.1", "Lesson 1.2", "Lesson 2.1", "Lesson 2.2"]


def test_a_draft_course_is_open_to_nobody_and_no_access_is_lost(contact, course, school):
    give_access(contact, course)
    with school_scope(school):
        draft = unpublish_course(course=course, actor=None)
        assert courses_of(contact, clock.now()) == []
    assert opened(contact, draft) == []
    assert opened(contact, course) != []


@pytest.mark.spec("K26.1")
def test_who_bought_module_2_opens_module_2_alone(contact, course):
    modules, _lessons = parts(course)
    give_access(contact, modules[1])
    assert opened(contact, course) == ["Lesson 2.1", "Lesson 2.2"]


@pytest.mark.spec("K26.2")
def test_who_buys_module_1_later_has_both_on_one_card(contact, course, school):
    modules, _lessons = parts(course)
    give_access(contact, modules[1])
    give_access(contact, modules[0])
    assert len(opened(contact, course)) == 4
    with school_scope(school):
        cards = courses_of(contact, clock.now())
    assert [(card.course.pk, card.total) for card in cards] == [(course.pk, 4)]


@pytest.mark.spec("K26.3")
def test_a_new_lesson_in_a_sold_module_belongs_to_its_buyers(contact, course, school):
    modules, _lessons = parts(course)
    give_access(contact, modules[1])
    with school_scope(school):
        make_lesson(modules[0], title="Not mine")
        make_lesson(modules[1], title="New")
    assert opened(contact, course) == ["Lesson 2.1", "Lesson 2.2", "New"]


@pytest.mark.spec("K26.4")
def test_all_of_the_owned_parts_completes_the_course_once(contact, course, school):
    modules, lessons = parts(course)
    give_access(contact, modules[1])
    with school_scope(school):
        for lesson in [*lessons[2:], *lessons[2:]]:
            complete_lesson(contact=contact, lesson=lesson)
        assert standing_of(contact, course, clock.now()).percent == 100
        assert Event.objects.filter(kind="course.completed").count() == 1


def test_a_moved_lesson_follows_its_buyer_and_leaves_the_buyers_of_its_module(contact, course, school):
    modules, lessons = parts(course)
    other = ContactFactory(school=school)
    give_access(contact, lessons[0])
    give_access(other, modules[0])
    with school_scope(school):
        place_lesson(lesson=lessons[0], module=modules[1], index=0, actor=None)
    assert opened(contact, course) == ["Lesson 1.1"]
    assert opened(other, course) == ["Lesson 1.2"]


@pytest.mark.spec("K23.3")
def test_the_buyer_of_a_basic_plan_does_not_open_the_tutor_s_lessons(contact, course):
    """Plans are offers on parts of one course; what a plan leaves out stays shut."""
    modules, lessons = parts(course)
    give_access(contact, modules[0], lessons[2])
    assert opened(contact, course) == ["Lesson 1.1", "Lesson 1.2", "Lesson 2.1"]


@pytest.mark.spec("K14.1")
def test_a_trial_opens_its_lessons_alone(contact, course):
    _modules, lessons = parts(course)
    give_access(contact, lessons[0], lessons[2])
    assert opened(contact, course) == ["Lesson 1.1", "Lesson 2.1"]


@pytest.mark.spec("K14.2")
def test_an_open_day_ends_at_18_00_in_the_school_s_zone(contact, course, school):
    day = Offer(
        school=school,
        opens_at=datetime(2026, 3, 29, 10, tzinfo=KYIV),  # the night before, the clocks were put forward
        closes_at=datetime(2026, 3, 29, 18, tzinfo=KYIV),
    )
    starts_at, ends_at = day.window_from(datetime(2026, 3, 1, tzinfo=UTC))
    give_access(contact, course, starts_at=starts_at, ends_at=ends_at)

    assert opened(contact, course, datetime(2026, 3, 29, 6, 59, 59, tzinfo=UTC)) == []
    assert len(opened(contact, course, datetime(2026, 3, 29, 7, tzinfo=UTC))) == 4
    assert len(opened(contact, course, datetime(2026, 3, 29, 14, 59, 59, tzinfo=UTC))) == 4
    assert opened(contact, course, datetime(2026, 3, 29, 15, tzinfo=UTC)) == []


@pytest.mark.spec("K14.4")
def test_buying_the_whole_course_keeps_what_was_done_in_the_trial(contact, course, school):
    _modules, lessons = parts(course)
    with clock.at(datetime(2026, 5, 1, tzinfo=UTC)):
        give_access(contact, lessons[0], ends_at=clock.now() + DAY)
        with school_scope(school):
            complete_lesson(contact=contact, lesson=lessons[0])
            assert courses_of(contact, clock.now())[0].percent == 100
    with clock.at(datetime(2026, 5, 9, tzinfo=UTC)):
        give_access(contact, course)
        with school_scope(school):
            card = courses_of(contact, clock.now())[0]
    assert (card.done, card.total, card.percent, card.is_open) == (1, 4, 25, True)


# --- Several at once ---


def test_the_widest_access_wins(contact, course, school):
    now = clock.now()
    give_access(contact, course, ends_at=now + DAY)
    give_access(contact, course, ends_at=now + 30 * DAY)
    give_access(contact, course, ends_at=now + 2 * DAY)
    assert len(opened(contact, course, now + 29 * DAY)) == 4
    assert opened(contact, course, now + 30 * DAY) == []
    with school_scope(school):
        assert courses_of(contact, now)[0].ends_at == now + 30 * DAY
        give_access(contact, course)
        assert courses_of(contact, now)[0].ends_at is None


def test_revoking_one_leaves_the_others(contact, course, school):
    modules, _lessons = parts(course)
    [whole] = give_access(contact, course)
    give_access(contact, modules[0])
    with school_scope(school):
        revoke_access(access=whole, actor=None, reason="Refunded")
    assert opened(contact, course) == ["Lesson 1.1", "Lesson 1.2"]
    with school_scope(school):
        revoke_access(access=whole, actor=None, reason="Again")
        assert Event.objects.filter(kind="access.revoked").count() == 1


def test_an_access_of_somebody_else_opens_nothing(contact, course, school):
    give_access(ContactFactory(school=school), course)
    assert opened(contact, course) == []


def test_what_begins_later_is_owned_and_shut(contact, course, school):
    now = clock.now()
    give_access(contact, course, starts_at=now + DAY)
    with school_scope(school):
        card = courses_of(contact, now)[0]
    assert (card.is_open, card.total, card.next_lesson, card.starts_at) == (False, 4, None, now + DAY)
    assert len(opened(contact, course, now + DAY)) == 4


def test_what_has_ended_keeps_its_card_and_its_progress(contact, course, school):
    _modules, lessons = parts(course)
    now = clock.now()
    give_access(contact, course, ends_at=now + DAY)
    with school_scope(school):
        complete_lesson(contact=contact, lesson=lessons[0])
        card = courses_of(contact, now + DAY)[0]
    assert (card.is_open, card.percent, card.ends_at) == (False, 25, now + DAY)


def test_whole_courses_alone_are_owned(contact, school):
    whole, part, ended = (CourseFactory(school=school) for _ in range(3))
    now = clock.now()
    give_access(contact, whole)
    give_access(contact, parts(part)[0][0])
    give_access(contact, ended, ends_at=now + DAY)
    with school_scope(school):
        assert owned_course_ids(contact, now + DAY) == {whole.pk}


def test_the_next_lesson_is_the_first_that_is_open_and_not_done(contact, course, school):
    _modules, lessons = parts(course)
    give_access(contact, lessons[1], lessons[3])
    with school_scope(school):
        assert courses_of(contact, clock.now())[0].next_lesson == lessons[1]
        complete_lesson(contact=contact, lesson=lessons[1])
        assert courses_of(contact, clock.now())[0].next_lesson == lessons[3]
        complete_lesson(contact=contact, lesson=lessons[3])
        assert courses_of(contact, clock.now())[0].next_lesson == lessons[1]


@pytest.mark.parametrize("count", [1, 3])
def test_any_number_of_courses_takes_the_same_queries(contact, school, count, django_assert_num_queries):
    for _ in range(count):
        give_access(contact, CourseFactory(school=school))
    with school_scope(school), django_assert_num_queries(5):
        assert len(courses_of(contact, clock.now())) == count
