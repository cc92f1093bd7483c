"""Where students learn: what opens, what is refused, and what a look leaves behind."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from courses.models import CourseProgress, LessonCompletion
from courses.services.access import revoke_access
from courses.services.content import unpublish_course
from courses.services.outline import unpublish_lesson
from kwiga import clock
from schools.models import Event
from schools.tenancy.scope import school_scope
from tests.factories.courses import CourseFactory, give_access, make_lesson
from tests.support.learning import at, count

# --- What opens ---


def test_the_outline_shows_what_is_done_open_and_locked(client, contact, course, lessons, modules):
    give_access(contact, modules[0])
    client.post(at(lessons[0], "done/"), {"done": "1"})
    page = client.get(f"/learn/{course.token}/")
    assert "1 of 2 lessons done" in page.text and at(lessons[1]) in page.text
    assert at(lessons[2]) not in page.text and f'href="/courses/{course.token}/"' in page.text
    assert "Lesson 2.1" in page.text and "(locked: see the offers)" in page.text


def test_a_lesson_shows_its_text_and_the_way_on(client, contact, course, lessons):
    give_access(contact, course)
    page = client.get(at(lessons[1]))
    assert "What you learn." in page.text and "hx-disable" in page.text
    assert page.context["previous"] == lessons[0] and page.context["following"] == lessons[2]
    assert page.headers["Cache-Control"].count("no-store") == 1


def test_the_way_on_leads_past_what_is_locked(client, contact, lessons):
    give_access(contact, lessons[0], lessons[3])
    assert client.get(at(lessons[0])).context["following"] == lessons[3]
    assert client.get(at(lessons[3])).context["previous"] == lessons[0]


@pytest.mark.spec("K26.1")
@pytest.mark.spec("K14.1")
def test_the_address_of_a_lesson_not_owned_is_refused(school, client, contact, course, lessons, modules):
    give_access(contact, modules[1])
    response = client.get(at(lessons[0]))
    assert response.status_code == 403
    assert f"/courses/{course.token}/" in response.text and "What you learn." not in response.text
    assert client.post(at(lessons[0], "done/"), {"done": "1"}).status_code == 403
    assert count(school, LessonCompletion) == count(school, CourseProgress) == 0


def test_what_is_not_published_is_not_there(school, client, contact, course, lessons):
    give_access(contact, course)
    with school_scope(school):
        unpublish_lesson(lesson=lessons[0], actor=None)
    assert client.get(at(lessons[0])).status_code == 404
    assert lessons[0].title not in client.get(f"/learn/{course.token}/").text
    with school_scope(school):
        unpublish_course(course=course, actor=None)
    assert client.get(at(lessons[1])).status_code == client.get(f"/learn/{course.token}/").status_code == 404


def test_an_address_of_another_course_or_school_is_not_there(client, contact, course, lessons, school, other_school):
    give_access(contact, course)
    other = CourseFactory(school=school)
    assert client.get(f"/learn/{other.token}/{lessons[0].token}/").status_code == 404
    foreign = CourseFactory(school=other_school)
    assert client.get(f"/learn/{foreign.token}/").status_code == 404


def test_a_course_that_is_not_theirs_shows_the_offers(client, course):
    response = client.get(f"/learn/{course.token}/")
    assert response.status_code == 403 and f"/courses/{course.token}/" in response.text


def test_what_ended_or_begins_later_says_when(client, contact, school, course, lessons):
    now = clock.now()
    [access] = give_access(contact, course, starts_at=now - timedelta(days=9), ends_at=now - timedelta(days=1))
    assert "Your access has ended on" in client.get(at(lessons[0])).text
    assert "Your access has ended" in client.get(f"/learn/{course.token}/").text
    with school_scope(school):
        revoke_access(access=access, actor=None, reason="")
    give_access(contact, course, starts_at=now + timedelta(days=3))
    response = client.get(at(lessons[0]))
    assert response.status_code == 403 and "This is not open yet" in response.text
    assert "Not open yet" in client.get(f"/learn/{course.token}/").text


def test_visitors_are_sent_to_sign_in(visitor, school, course, lessons):
    response = visitor(school).get(at(lessons[0]))
    assert response.url.startswith("/sign-in/?next=")


# --- What a look leaves behind ---


def test_a_look_is_remembered_and_is_no_fact_of_the_journal(school, client, contact, course, lessons):
    give_access(contact, course)
    before = count(school, Event)
    for lesson in (lessons[0], lessons[2]):
        client.get(at(lesson))
    client.get(f"/learn/{course.token}/")
    assert count(school, Event) == before
    with school_scope(school):
        assert CourseProgress.objects.get().last_lesson == lessons[2]
    assert client.get(f"/learn/{course.token}/").context["go_on"] == lessons[2]


def test_a_second_look_writes_nothing(school, client, contact, course, lessons, django_assert_max_num_queries):
    give_access(contact, course)
    client.get(at(lessons[0]))
    with django_assert_max_num_queries(30) as seen:
        client.get(at(lessons[0]))
    assert [query["sql"] for query in seen.captured_queries if "courses_courseprogress" in query["sql"]] != []
    assert not [query["sql"] for query in seen.captured_queries if query["sql"].startswith(("INSERT", "UPDATE"))]


@pytest.mark.parametrize("which", ["outline", "lesson"])
def test_more_lessons_take_no_more_queries(
    school, client, contact, course, lessons, modules, which, django_assert_num_queries
):
    give_access(contact, course)
    path = f"/learn/{course.token}/" if which == "outline" else at(lessons[0])
    client.get(path)
    with CaptureQueriesContext(connection) as before:
        client.get(path)
    with school_scope(school):
        for module in modules:
            make_lesson(module)
    with django_assert_num_queries(len(before)):
        assert client.get(path).status_code == 200


# --- Done ---


def test_done_and_not_done(school, client, contact, course, lessons):
    give_access(contact, course)
    assert client.post(at(lessons[0], "done/"), {"done": "1"}).url == at(lessons[0])
    assert "Mark as not done" in client.get(at(lessons[0])).text
    client.post(at(lessons[0], "done/"), {"done": "0"})
    assert "Mark as done" in client.get(at(lessons[0])).text
    assert count(school, LessonCompletion) == 0


@pytest.mark.spec("K26.4")
def test_the_last_lesson_owned_is_praised_and_told_once(school, client, contact, lessons, modules):
    give_access(contact, modules[1])
    for lesson in lessons[2:]:
        client.post(at(lesson, "done/"), {"done": "1"})
    client.post(at(lessons[3], "done/"), {"done": "1"})
    assert "completed everything" in client.get(at(lessons[3])).text
    with school_scope(school):
        assert Event.objects.filter(kind="course.completed").count() == 1


# --- The video ---


@pytest.mark.parametrize(
    ("url", "directive"),
    [
        ("https://youtu.be/dQw4w9WgXcQ", "frame-src https://www.youtube-nocookie.com;"),
        ("https://vimeo.com/123456789", "frame-src https://player.vimeo.com;"),
        ("https://cdn.school.test/film.mp4", "media-src https://cdn.school.test;"),
    ],
)
def test_the_policy_lets_in_exactly_the_origin_of_the_video(school, client, contact, course, modules, url, directive):
    give_access(contact, course)
    with school_scope(school):
        lesson = make_lesson(modules[0], video_url=url)
        plain = make_lesson(modules[0])
    policy = client.get(at(lesson)).headers["Content-Security-Policy"] + ";"
    assert directive in policy
    assert policy.count("https://") == 1 and "'unsafe" not in policy
    assert "https://" not in client.get(at(plain)).headers["Content-Security-Policy"]
    assert "frame-src" not in client.get(f"/learn/{course.token}/").headers["Content-Security-Policy"]
