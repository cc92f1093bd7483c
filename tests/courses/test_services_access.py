"""Opening, changing, moving and revoking access."""

from datetime import timedelta

import pytest

from courses.errors import AccessRefused
from courses.services.access import Part, change_access, move_access, revoke_access
from kwiga import clock
from schools.models import Event
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.courses import CourseFactory, give_access
from tests.support.courses import opened, parts

DAY = timedelta(days=1)


def test_one_cause_opens_once(contact, course, school):
    first = give_access(contact, course, cause="order-line:17")
    second = give_access(contact, course, cause="order-line:17", ends_at=clock.now() + DAY)
    assert first == second and first[0].cause == f"order-line:17:course:{course.pk}"
    with school_scope(school):
        assert Event.objects.filter(kind="access.opened").count() == 1


def test_parts_of_several_courses_make_one_access_each(contact, course, school):
    other = CourseFactory(school=school)
    modules, lessons = parts(course)
    accesses = give_access(contact, lessons[0], modules[1], lessons[0], other, parts(other)[1][0], cause="gift:1")
    with school_scope(school):
        assert [(access.course_id, access.is_whole, access.parts.count()) for access in accesses] == [
            (course.pk, False, 2),
            (other.pk, True, 0),
        ]


def test_a_part_of_another_course_or_school_is_refused(contact, course, school, other_school):
    stranger = CourseFactory(school=other_school)
    other = CourseFactory(school=school)
    wrong = [
        Part(course.pk, module_id=parts(other)[0][0].pk),
        Part(course.pk, lesson_id=parts(other)[1][0].pk),
        Part(course.pk, lesson_id=parts(stranger)[1][0].pk),
        Part(stranger.pk),
    ]
    for part in wrong:
        with pytest.raises(AccessRefused):
            give_access(contact, part)


def test_a_window_runs_forward(contact, course, school):
    now = clock.now()
    with pytest.raises(AccessRefused):
        give_access(contact, course, starts_at=now, ends_at=now - DAY)
    [access] = give_access(contact, course, starts_at=now)
    with school_scope(school):
        with pytest.raises(AccessRefused):
            change_access(access=access, starts_at=now, ends_at=now - DAY, actor=None)
        change_access(access=access, starts_at=now, ends_at=now + DAY, actor=None)
        revoke_access(access=access, actor=None, reason="")
        with pytest.raises(AccessRefused):
            change_access(access=access, starts_at=now, ends_at=now + 2 * DAY, actor=None)
    assert opened(contact, course) == []


def test_a_moved_access_opens_for_the_other_alone(contact, course, school):
    other = ContactFactory(school=school)
    [access] = give_access(contact, course)
    with school_scope(school):
        move_access(access=access, contact=other, actor=None)
        event = Event.objects.get(kind="access.moved")
    assert event.data == {"contact": other.pk, "course": course.pk, "from": contact.pk}
    assert opened(contact, course) == [] and len(opened(other, course)) == 4
