"""The dashboard's pages of courses."""

import pytest

from courses.models import Course
from courses.services.assignments import hand_in
from kwiga import paging
from schools.models import Event
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.courses import CourseFactory, give_access, make_assignment, make_lesson, modules_of
from tests.factories.files import picture, upload
from tests.support.courses import in_scope

# --- The list ---


def test_the_list_is_searched_and_filtered_and_the_address_says_so(client, school, course):
    CourseFactory(school=school, title="Gardening", status="draft")
    page = client.get("/green/courses/").text
    assert "Painting" in page and "Gardening" in page
    assert "Gardening" not in client.get("/green/courses/?q=pain").text
    drafts = client.get("/green/courses/?status=draft").text
    assert "Gardening" in drafts and "Painting" not in drafts
    nothing = client.get("/green/courses/?q=xyz&status=draft").text
    assert "No course is like this" in nothing and "Painting" not in nothing


def test_the_empty_list_shows_the_way(client, staff, teammate, school):
    assert "Make the first course" in client.get("/green/courses/").text
    assert "Make the first course" not in staff(teammate).get("/green/courses/").text


def test_the_list_is_turned_by_keys(client, school, monkeypatch):
    monkeypatch.setattr(paging, "PAGE_SIZE", 2)
    monkeypatch.setattr(paging.page_of, "__defaults__", (2,))
    for number in range(3):
        CourseFactory(school=school, title=f"Course no {number}", modules=[])
    first = client.get("/green/courses/")
    assert "Course no 0" not in first.text
    following = first.context["page"].next
    assert "Course no 0" in client.get(f"/green/courses/{following}").text


@pytest.mark.parametrize("path", ["/green/courses/", "outline", "students", "/green/courses/assignments/?state=all"])
def test_more_rows_take_no_more_queries(client, school, path, django_assert_max_num_queries, django_assert_num_queries):
    course = CourseFactory(school=school, modules=[1])
    lesson = in_scope(school, lambda: make_assignment(modules_of(course)[0], acceptance="staff"))
    path = {"outline": f"/green/courses/{course.token}/", "students": f"/green/courses/{course.token}/students/"}.get(
        path, path
    )

    def add(count: int) -> None:
        for _ in range(count):
            CourseFactory(school=school)
            contact = ContactFactory(school=school)
            give_access(contact, course)
            with school_scope(school):
                make_lesson(modules_of(course)[0])
                hand_in(contact=contact, lesson=lesson, text="Answer")

    add(1)
    client.get(path)
    with django_assert_max_num_queries(100) as one:
        client.get(path)
    add(2)
    with django_assert_num_queries(len(one.captured_queries)):
        assert client.get(path).status_code == 200


# --- The course ---


def test_a_course_is_made_with_a_cover(client, school):
    sent = {"title": "New", "summary": "S", "category": "C", "description": "<p>D<script>x</script></p>"}
    response = client.post("/green/courses/new/", sent | {"cover": picture()})
    course = in_scope(school, lambda: Course.objects.select_related("cover").get())
    assert response.url == f"/green/courses/{course.token}/"
    assert (course.title, course.description, course.cover.content_type) == ("New", "<p>D</p>", "image/jpeg")
    assert f"/files/{school.pk}-{course.cover.token}/" in client.get(response.url).text


def test_a_refused_cover_makes_no_course_and_keeps_what_was_typed(client, school):
    response = client.post("/green/courses/new/", {"title": "New", "cover": upload("x.svg", b"<svg/>", "image/png")})
    assert response.status_code == 200 and "not a picture" in response.text and 'value="New"' in response.text
    assert not in_scope(school, lambda: Course.objects.exists())
    assert not in_scope(school, lambda: Event.objects.exists())


def test_a_course_is_changed_published_and_withdrawn(client, school, course, at):
    client.post(at("edit/"), {"title": "Changed", "cover": picture()})
    client.post(at("edit/"), {"title": "Changed", "removes_cover": "on"})
    client.post(at("withdrawal/"))
    changed = in_scope(school, lambda: Course.objects.get())
    assert (changed.title, changed.cover_id, changed.status) == ("Changed", None, "draft")
    client.post(at("publication/"))
    assert in_scope(school, lambda: Course.objects.get()).is_published
    assert client.post(at("edit/"), {"title": ""}).status_code == 200


def test_who_may_only_look_sees_no_way_to_change(staff, teammate, course, at):
    page = staff(teammate).get(at())
    assert page.status_code == 200
    for path in ("edit/", "publication/", "withdrawal/", "modules/", "place/", "deletion/"):
        assert path not in page.text


def test_the_activity_page_tells_what_happened(client, school, course, answer):
    page = client.get("/green/activity/").text
    for sentence in ("Course made", "Module added", "Access opened", "Assignment handed in"):
        assert sentence in page
    assert "Anna · Painting" in page
