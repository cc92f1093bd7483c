"""The dashboard's pages of courses."""

import pytest

from courses.models import Course, Lesson, Module, Submission
from courses.services.assignments import hand_in
from courses.services.outline import attach
from courses.services.progress import complete_lesson
from kwiga import paging
from offers.models import OfferItem
from schools.models import Event
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.courses import CourseFactory, give_access, lessons_of, make_assignment, make_lesson, modules_of
from tests.factories.files import picture, text_upload, upload
from tests.factories.offers import OfferFactory

HTMX = {"HX-Request": "true"}


@pytest.fixture
def course(school) -> Course:
    return CourseFactory(school=school, title="Painting")


@pytest.fixture
def client(staff, owner):
    return staff(owner)


@pytest.fixture
def at(course):
    return lambda path="": f"/green/courses/{course.token}/{path}"


def in_scope(school, read):
    with school_scope(school):
        return read()


def first_lesson(school, course) -> Lesson:
    return in_scope(school, lambda: lessons_of(course)[0])


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


# --- Modules and lessons ---


def test_modules_are_added_renamed_and_deleted(client, school, course, at):
    assert client.post(at("modules/"), {"title": "Third"}).url == at()
    refused = client.post(at("modules/"), {"title": ""})
    assert refused.status_code == 200 and "This field is required" in refused.text
    third = in_scope(school, lambda: Module.objects.get(title="Third"))
    client.post(at(f"modules/{third.token}/"), {"title": "Renamed"})
    assert "Renamed" in client.get(at(f"modules/{third.token}/deletion/")).text
    assert in_scope(school, lambda: Module.objects.count()) == 3
    client.post(at(f"modules/{third.token}/deletion/"))
    assert in_scope(school, lambda: Module.objects.count()) == 2


def test_what_is_sold_says_why_it_is_not_deleted(client, school, course, at):
    with school_scope(school):
        module = modules_of(course)[0]
        OfferItem.objects.create(school=school, offer=OfferFactory(school=school), course=course, module=module)
    response = client.post(at(f"modules/{module.token}/deletion/"))
    assert response.status_code == 200 and "part of what was sold or given" in response.text
    lesson = first_lesson(school, course)
    contact = ContactFactory(school=school)
    give_access(contact, course)
    with school_scope(school):
        complete_lesson(contact=contact, lesson=lesson)
    response = client.post(at(f"lessons/{lesson.token}/deletion/"))
    assert response.status_code == 200 and "Students have worked on this" in response.text
    assert in_scope(school, lambda: Lesson.objects.count()) == 4


def test_arrows_move_with_and_without_scripts(client, school, course, at):
    lesson = first_lesson(school, course)
    response = client.post(at(f"lessons/{lesson.token}/place/"), {"index": "1"})
    assert response.url == at()
    assert in_scope(school, lambda: lessons_of(course)[1]) == lesson
    fragment = client.post(at(f"lessons/{lesson.token}/place/"), {"index": "0"}, headers=HTMX)
    assert fragment.text.strip().startswith('<div id="outline"') and "<html" not in fragment.text
    module = in_scope(school, lambda: modules_of(course)[1])
    client.post(at(f"modules/{module.token}/place/"), {"index": "0"})
    assert in_scope(school, lambda: modules_of(course)[0]) == module


@pytest.mark.parametrize("index", ["", "x", "-1", "٣", "9" * 30])
def test_a_place_that_makes_no_sense_is_the_first(client, school, course, at, index):
    lesson = in_scope(school, lambda: lessons_of(course)[1])
    assert client.post(at(f"lessons/{lesson.token}/place/"), {"index": index}).status_code == 302
    assert first_lesson(school, course) == lesson


def test_a_lesson_goes_to_a_module_of_its_course_alone(client, school, course, at):
    lesson = first_lesson(school, course)
    other = in_scope(school, lambda: modules_of(course)[1])
    client.post(at(f"lessons/{lesson.token}/place/"), {"index": "0", "module": other.token})
    assert in_scope(school, lambda: Lesson.objects.get(pk=lesson.pk).module) == other
    elsewhere = CourseFactory(school=school)
    foreign = in_scope(school, lambda: modules_of(elsewhere)[0])
    path = at(f"lessons/{lesson.token}/place/")
    assert client.post(path, {"index": "0", "module": foreign.token}).status_code == 404


def test_a_lesson_is_written_published_and_withdrawn(client, school, course, at):
    module = in_scope(school, lambda: modules_of(course)[0])
    sent = {"title": "Film", "kind": "lesson", "body": "<p>B</p>", "video_url": "https://youtu.be/dQw4w9WgXcQ"}
    response = client.post(at(f"modules/{module.token}/lessons/new/"), sent)
    lesson = in_scope(school, lambda: Lesson.objects.get(title="Film"))
    assert response.url == at(f"lessons/{lesson.token}/") and lesson.status == "draft"
    page = client.get(response.url)
    assert "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ" in page.text
    policy = page.headers["Content-Security-Policy"] + ";"
    assert "frame-src https://www.youtube-nocookie.com https://player.vimeo.com;" in policy
    assert "'unsafe" not in policy and "media-src" not in policy
    client.post(at(f"lessons/{lesson.token}/publication/"))
    assert in_scope(school, lambda: Lesson.objects.get(pk=lesson.pk).status) == "published"
    stayed = client.post(at(f"lessons/{lesson.token}/withdrawal/"), {"stays": "lesson"})
    assert stayed.url == at(f"lessons/{lesson.token}/")
    assert "outline" in client.post(at(f"lessons/{lesson.token}/publication/"), headers=HTMX).text


def test_a_link_that_is_no_video_is_refused(client, school, course, at):
    lesson = first_lesson(school, course)
    response = client.post(
        at(f"lessons/{lesson.token}/"), {"title": "T", "kind": "lesson", "video_url": "https://a.test/"}
    )
    assert response.status_code == 200 and "cannot be played" in response.text
    assert "cannot be played" in client.get("/green/courses/video/?video_url=https://a.test/").text


def test_a_second_final_assignment_is_refused_in_the_form(client, school, course, at):
    with school_scope(school):
        make_assignment(modules_of(course)[0], title="The final one", is_final=True)
        other = make_assignment(modules_of(course)[0])
    sent = {"title": "Other", "kind": "assignment", "acceptance": "staff", "is_final": "on"}
    response = client.post(at(f"lessons/{other.token}/"), sent)
    assert response.status_code == 200 and "“The final one” is the final assignment" in response.text


def test_files_are_added_read_and_removed(client, school, course, at):
    lesson = first_lesson(school, course)
    path = at(f"lessons/{lesson.token}/files/")
    refused = client.post(path, {"file": upload("run.exe", b"MZ")})
    assert refused.status_code == 200 and "cannot be uploaded" in refused.text
    assert client.post(path, {"file": text_upload()}).status_code == 302
    attachment = in_scope(school, lambda: lesson.attachments.get())
    response = client.get(f"{path}{attachment.pk}/")
    assert response.getvalue() == b"Some notes" and response.headers["Content-Disposition"].startswith("attachment")
    other = in_scope(school, lambda: lessons_of(course)[1])
    assert client.get(at(f"lessons/{other.token}/files/{attachment.pk}/")).status_code == 404
    client.post(f"{path}{attachment.pk}/removal/")
    assert not in_scope(school, lambda: lesson.attachments.exists())


# --- Students and answers ---


def test_students_stand_with_their_progress(client, staff, school, course, at, teammate):
    contact = ContactFactory(school=school, name="Anna")
    give_access(contact, course)
    give_access(contact, in_scope(school, lambda: modules_of(course)[0]))
    with school_scope(school):
        complete_lesson(contact=contact, lesson=lessons_of(course)[0])
    page = client.get(at("students/"))
    assert [student.standing.percent for student in page.context["students"]] == [25]
    assert "1 of 4" in page.text and f"/green/contacts/{contact.token}/" in page.text
    assert "No students yet" in client.get(f"/green/courses/{CourseFactory(school=school).token}/students/").text


@pytest.fixture
def answer(school, course) -> Submission:
    contact = ContactFactory(school=school, name="Anna")
    give_access(contact, course)
    with school_scope(school):
        lesson = make_assignment(modules_of(course)[0], acceptance="staff")
        return hand_in(contact=contact, lesson=lesson, text="My <b>answer</b>", upload=text_upload())


def test_an_answer_is_read_and_accepted(client, school, answer):
    assert "Anna" in client.get("/green/courses/assignments/").text
    path = f"/green/courses/assignments/{answer.token}/"
    assert "My &lt;b&gt;answer&lt;/b&gt;" in client.get(path).text
    assert client.get(f"{path}file/").getvalue() == b"Some notes"
    assert client.post(f"{path}acceptance/", {"comment": "Good"}).status_code == 302
    accepted = in_scope(school, lambda: Submission.objects.get())
    assert (accepted.state, accepted.comment) == ("accepted", "Good")
    late = client.post(f"{path}return/", {"comment": "Late"})
    assert late.status_code == 200 and "decided already" in late.text
    assert "Nothing waits for you" in client.get("/green/courses/assignments/").text


def test_an_answer_is_returned_with_a_word(client, school, answer):
    path = f"/green/courses/assignments/{answer.token}/return/"
    silent = client.post(path, {"comment": ""})
    assert silent.status_code == 200 and "Write what the student should do" in silent.text
    assert client.post(path, {"comment": "Say more"}).status_code == 302
    assert in_scope(school, lambda: Submission.objects.get()).state == "returned"


def test_answers_are_not_for_everybody_in_the_team(staff, teammate, answer):
    for path in ("", f"{answer.token}/", f"{answer.token}/file/"):
        assert staff(teammate).get(f"/green/courses/assignments/{path}").status_code == 403


def test_a_file_of_a_lesson_is_not_reached_from_another_course(client, school, course, at):
    lesson = first_lesson(school, course)
    attachment = in_scope(school, lambda: attach(lesson=lesson, upload=text_upload(), actor=None))
    other = CourseFactory(school=school)
    assert client.get(f"/green/courses/{other.token}/lessons/{lesson.token}/files/{attachment.pk}/").status_code == 404


def test_the_activity_page_tells_what_happened(client, school, course, answer):
    page = client.get("/green/activity/").text
    for sentence in ("Course made", "Module added", "Access opened", "Assignment handed in"):
        assert sentence in page
    assert "Anna · Painting" in page
