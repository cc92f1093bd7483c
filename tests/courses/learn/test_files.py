"""Files of a lesson: for who may open it."""

from datetime import timedelta

import pytest

from courses.services.outline import attach
from kwiga import clock
from schools.tenancy.scope import school_scope
from tests.factories.courses import give_access
from tests.factories.files import text_upload
from tests.support.learning import at


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
