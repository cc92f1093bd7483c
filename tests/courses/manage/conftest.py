"""Who runs the courses, and addresses in one of them."""

import pytest

from courses.models import Submission
from courses.services.assignments import hand_in
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.courses import give_access, make_assignment, modules_of
from tests.factories.files import text_upload


@pytest.fixture
def client(staff, owner):
    return staff(owner)


@pytest.fixture
def at(course):
    return lambda path="": f"/green/courses/{course.token}/{path}"


@pytest.fixture
def answer(school, course) -> Submission:
    contact = ContactFactory(school=school, name="Anna")
    give_access(contact, course)
    with school_scope(school):
        lesson = make_assignment(modules_of(course)[0], acceptance="staff")
        return hand_in(contact=contact, lesson=lesson, text="My <b>answer</b>", upload=text_upload())
