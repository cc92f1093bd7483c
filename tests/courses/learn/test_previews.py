"""A course as its students will see it, for the team."""

import pytest
from django.core import signing

from courses.previews import preview_path
from courses.services.content import unpublish_course
from courses.services.outline import attach
from schools.tenancy.scope import school_scope
from tests.factories.courses import CourseFactory, lessons_of, make_lesson
from tests.factories.files import text_upload


def test_staff_see_the_course_as_students_do_with_its_drafts(staff, owner, school, course, modules, visitor):
    with school_scope(school):
        unpublish_course(course=course, actor=None)
        draft = make_lesson(modules[0], title="Half a lesson", is_draft=True)
        attachment = attach(lesson=draft, upload=text_upload(), actor=None)
    address = staff(owner).get(f"/green/courses/{course.token}/preview/").url
    host, _slash, path = address.removeprefix("http://").partition("/")
    assert host.partition(":")[0] == "green.localhost"
    browser = visitor(school)
    assert "Half a lesson" in browser.get(f"/{path}").text
    page = browser.get(f"/{path}{draft.token}/")
    assert "What you learn." in page.text and "Mark as done" not in page.text
    assert browser.get(f"/{path}{draft.token}/files/{attachment.pk}/").getvalue() == b"Some notes"
    assert "session" not in browser.cookies


def test_a_preview_ends_after_an_hour_and_opens_its_own_course_alone(
    school, other_school, course, visitor, an_hour_later
):
    with school_scope(school):
        path, other = preview_path(course), CourseFactory(school=school)
        foreign = lessons_of(other)[0]
    browser = visitor(school)
    assert browser.get(path).status_code == 200
    assert browser.get(f"{path}{foreign.token}/").status_code == 404
    assert visitor(other_school).get(path).status_code == 404
    assert browser.get("/learn/preview/forged:1:2/").status_code == 404
    an_hour_later()
    assert browser.get(path).status_code == 410


@pytest.fixture
def an_hour_later(monkeypatch):
    """Lets an hour and a second pass for whoever checks a signature."""
    now = signing.time.time
    return lambda: monkeypatch.setattr(signing.time, "time", lambda: now() + 3_601)
