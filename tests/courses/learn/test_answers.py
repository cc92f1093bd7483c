"""Answers to assignments, as students hand them in."""

import pytest

from courses.models import LessonCompletion, Submission
from courses.services.assignments import hand_in, return_submission
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory, student_browser
from tests.factories.courses import give_access, make_assignment
from tests.factories.files import text_upload, upload
from tests.support.learning import at, count


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
