"""A student in front of a course."""

import pytest

from schools.tenancy.scope import school_scope
from tests.factories.contacts import student_browser
from tests.factories.courses import lessons_of, modules_of


@pytest.fixture
def client(contact):
    return student_browser(contact)


@pytest.fixture
def lessons(school, course):
    with school_scope(school):
        return lessons_of(course)


@pytest.fixture
def modules(school, course):
    with school_scope(school):
        return modules_of(course)
