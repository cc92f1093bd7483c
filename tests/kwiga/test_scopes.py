"""The scope around a request: what an answer of 400 or above wrote is gone, and nothing runs after the scope."""

import pytest

from schools.models import Event
from schools.tenancy.scope import school_scope


@pytest.fixture
def site(school, visitor, settings):
    settings.SITE_URLCONF = "tests.kwiga.scope_urls"
    client = visitor(school)
    client.raise_request_exception = False
    return client


def events(school) -> int:
    with school_scope(school):
        return Event.objects.count()


def test_what_a_good_answer_wrote_stays(site, school):
    assert site.get("/fine/").status_code == 200
    assert events(school) == 1


@pytest.mark.parametrize(
    ("page", "status"),
    [("conflict", 409), ("unavailable", 503), ("missing", 404), ("forbidden", 403), ("broken", 500)],
)
def test_what_a_refusing_answer_wrote_is_gone(site, school, page, status):
    assert site.get(f"/{page}/").status_code == status
    assert events(school) == 0


def test_body_that_would_run_after_the_scope_is_refused(site, school):
    assert site.get("/stream/").status_code == 500
    assert events(school) == 0


def test_view_that_manages_its_scopes_runs_outside_any(site):
    assert site.get("/alone/").content == b"False"
