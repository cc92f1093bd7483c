"""The outline of a course: modules, lessons, and the files of lessons."""

import pytest

from courses.models import Lesson, Module
from courses.services.outline import attach
from courses.services.progress import complete_lesson
from offers.models import OfferItem
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.courses import CourseFactory, give_access, lessons_of, make_assignment, modules_of
from tests.factories.files import text_upload, upload
from tests.factories.offers import OfferFactory
from tests.support.courses import first_lesson, in_scope

HTMX = {"HX-Request": "true"}


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


def test_a_file_of_a_lesson_is_not_reached_from_another_course(client, school, course, at):
    lesson = first_lesson(school, course)
    attachment = in_scope(school, lambda: attach(lesson=lesson, upload=text_upload(), actor=None))
    other = CourseFactory(school=school)
    assert client.get(f"/green/courses/{other.token}/lessons/{lesson.token}/files/{attachment.pk}/").status_code == 404
