"""Students of a course and their answers, as the team reads them."""

from courses.models import Submission
from courses.services.progress import complete_lesson
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.courses import CourseFactory, give_access, lessons_of, modules_of
from tests.support.courses import in_scope


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
