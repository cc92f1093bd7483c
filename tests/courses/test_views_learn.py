"""Where students learn: what opens, what is refused, and what a look leaves behind."""

from datetime import timedelta

import pytest
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext

from courses.models import Course, CourseProgress, LessonCompletion, Submission
from courses.previews import preview_path
from courses.services.access import revoke_access
from courses.services.assignments import hand_in, return_submission
from courses.services.content import unpublish_course
from courses.services.outline import attach, unpublish_lesson
from kwiga import clock
from schools.models import Event
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory, student_browser
from tests.factories.courses import CourseFactory, give_access, lessons_of, make_assignment, make_lesson, modules_of
from tests.factories.files import text_upload, upload


@pytest.fixture
def contact(school):
    return ContactFactory(school=school)


@pytest.fixture
def course(school) -> Course:
    return CourseFactory(school=school, title="Painting")


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


def at(lesson, path="") -> str:
    return f"/learn/{lesson.course.token}/{lesson.token}/{path}"


def count(school, rows) -> int:
    with school_scope(school):
        return rows.objects.count()


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


# --- Files ---


@pytest.fixture
def attachment(school, lessons):
    with school_scope(school):
        return attach(lesson=lessons[0], upload=text_upload("План.txt"), actor=None)


def test_a_file_of_an_open_lesson_is_a_download(client, contact, course, lessons, attachment):
    give_access(contact, course)
    path = at(lessons[0], f"files/{attachment.pk}/")
    assert path in client.get(at(lessons[0])).text
    response = client.get(path)
    assert response.getvalue() == b"Some notes"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_of_a_closed_lesson_is_refused_before_a_byte_is_read(
    client, contact, course, lessons, attachment, visitor, school, monkeypatch
):
    opened = []
    monkeypatch.setattr("courses.views.learn.guarded_response", lambda file: opened.append(file))
    path = at(lessons[0], f"files/{attachment.pk}/")
    assert client.get(path).status_code == 403
    give_access(contact, lessons[1])
    assert client.get(path).status_code == 403
    assert client.get(at(lessons[1], f"files/{attachment.pk}/")).status_code == 404
    assert visitor(school).get(path).status_code == 302
    give_access(contact, course, starts_at=clock.now() - timedelta(days=2), ends_at=clock.now())
    assert client.get(path).status_code == 403
    assert opened == []


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


# --- Answers ---


@pytest.fixture
def assignment(school, course, modules, contact):
    give_access(contact, course)
    with school_scope(school):
        return make_assignment(modules[0], acceptance="staff")


def test_an_answer_is_handed_in_returned_and_handed_in_again(school, client, contact, assignment):
    sent = {"text": "My <i>answer</i>", "file": text_upload()}
    assert client.post(at(assignment, "answer/"), sent).url == at(assignment)
    page = client.get(at(assignment))
    assert "Waiting for the team" in page.text and "My &lt;i&gt;answer&lt;/i&gt;" in page.text
    assert "Hand in" not in page.text and "Mark as done" not in page.text
    with school_scope(school):
        submission = Submission.objects.get()
        return_submission(submission=submission, comment="Say more", actor=None)
    page = client.get(at(assignment))
    assert "Say more" in page.text and "Hand in" in page.text
    assert client.get(at(assignment, f"answers/{submission.token}/")).getvalue() == b"Some notes"
    assert client.post(at(assignment, "answer/"), {"text": "More"}).status_code == 302
    assert count(school, Submission) == 2


def test_an_answer_accepted_at_once_is_done(school, client, contact, course, modules):
    give_access(contact, course)
    with school_scope(school):
        lesson = make_assignment(modules[0])
    client.post(at(lesson, "answer/"), {"text": "Answer"})
    page = client.get(at(lesson)).text
    assert "Your answer is accepted." in page and "Done" in page
    assert count(school, LessonCompletion) == 1


def test_an_answer_that_says_nothing_or_brings_a_wrong_file_is_shown_again(school, client, assignment):
    empty = client.post(at(assignment, "answer/"), {"text": " "})
    assert empty.status_code == 200 and "Write an answer or choose a file." in empty.text
    wrong = client.post(at(assignment, "answer/"), {"text": "Kept", "file": upload("x.html", b"<script>")})
    assert wrong.status_code == 200 and "cannot be uploaded" in wrong.text and "Kept" in wrong.text
    assert count(school, Submission) == 0


def test_an_answer_is_nobody_else_s_to_read(school, client, contact, course, assignment):
    with school_scope(school):
        submission = hand_in(contact=contact, lesson=assignment, text="Mine", upload=text_upload())
    other = ContactFactory(school=school)
    give_access(other, course)
    browser = student_browser(other)
    assert "Mine" not in browser.get(at(assignment)).text
    assert browser.get(at(assignment, f"answers/{submission.token}/")).status_code == 404


def test_nothing_is_handed_in_without_access(school, assignment):
    browser = student_browser(ContactFactory(school=school))
    assert browser.post(at(assignment, "answer/"), {"text": "Answer"}).status_code == 403
    assert count(school, Submission) == 0


# --- Preview ---


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
