"""Somebody who learns, and a course."""

import pytest

from contacts.models import Contact
from courses.models import Course
from schools.models import School
from tests.factories.contacts import ContactFactory
from tests.factories.courses import CourseFactory


@pytest.fixture
def contact(school: School) -> Contact:
    return ContactFactory(school=school)


@pytest.fixture
def course(school: School) -> Course:
    return CourseFactory(school=school, title="Painting")
