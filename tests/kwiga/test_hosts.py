"""The school of a request comes from the table of hosts alone (trust T4, T6)."""

import pytest
from django.test import Client

from kwiga.middleware.hosts import bare_host
from schools.models import Domain
from schools.tenancy.scope import school_scope
from tests.factories.offers import PublishedOfferFactory


@pytest.fixture
def offers(school, other_school):
    mine = PublishedOfferFactory(school=school, title="Green gardening")
    theirs = PublishedOfferFactory(school=other_school, title="Red baking")
    return mine, theirs


@pytest.mark.parametrize("host", ["green.localhost", "GREEN.LocalHost", "green.localhost.", "green.localhost:8000"])
def test_host_of_a_school_shows_that_school(offers, host):
    page = Client().get("/", headers={"host": host})
    assert page.status_code == 200
    assert "Green gardening" in page.text
    assert "Red baking" not in page.text


@pytest.mark.spec("T4")
@pytest.mark.parametrize(
    "host",
    [
        "nobody.localhost",
        "green.localhost.evil.test",
        "evil.test",
        "xn--grn-hoa.localhost",
        "green",
        "localhost.green",
        "[::1]",
        "10.0.0.7",
    ],
)
def test_unknown_host_is_not_found_and_shows_no_school(offers, host):
    page = Client().get("/", headers={"host": host})
    assert page.status_code == 404
    assert "Green" not in page.text and "Red" not in page.text


@pytest.mark.parametrize(
    "host", ["green..localhost", "green.localhost/..", "a b.localhost", "green.localhost:80:80", "", "%00"]
)
def test_malformed_host_is_refused(offers, host):
    page = Client().get("/", headers={"host": host})
    assert page.status_code in {400, 404}
    assert "Green" not in page.text


@pytest.mark.spec("T4")
@pytest.mark.parametrize("header", ["x-forwarded-host", "x-host", "forwarded", "x-original-host"])
def test_forwarded_host_changes_nothing(offers, header):
    page = Client().get("/", headers={"host": "green.localhost", header: "red.localhost"})
    assert "Green gardening" in page.text and "Red baking" not in page.text
    page = Client().get("/", headers={"host": "nobody.localhost", header: "red.localhost"})
    assert page.status_code == 404


def test_offer_of_another_school_is_not_found_on_this_host(offers, visitor, school):
    mine, theirs = offers
    assert visitor(school).get(f"/o/{mine.token}").status_code == 200
    assert visitor(school).get(f"/o/{theirs.token}").status_code == 404


def test_host_that_is_not_verified_belongs_to_nobody(school):
    with school_scope(school):
        Domain.objects.create(school=school, host="courses.example.test")
    assert Client().get("/", headers={"host": "courses.example.test"}).status_code == 404


@pytest.mark.parametrize(
    ("host", "path"),
    [("green.localhost", "/accounts/login/"), ("green.localhost", "/green/"), ("localhost", "/o/TnHG7QjEFukO")],
)
def test_pages_of_one_site_are_not_on_the_other(offers, host, path, client):
    response = client.get(path, headers={"host": host})
    assert response.status_code in {302, 404}
    assert response.status_code == 404 or host == "localhost"


def test_staff_cookie_on_a_school_host_is_a_visitor(school, owner, staff):
    client = staff(owner)
    page = client.get("/", headers={"host": "green.localhost"})
    assert page.status_code == 200
    assert not page.wsgi_request.user.is_authenticated
    assert page.wsgi_request.session.session_key is None


@pytest.mark.spec("T6")
def test_session_of_one_school_means_nothing_on_another(school, other_school):
    client = Client(headers={"host": "green.localhost"})
    session = client.session
    session["school_id"], session["basket"] = school.pk, "mine"
    session.save()
    assert client.get("/").wsgi_request.session.get("basket") == "mine"
    assert client.get("/", headers={"host": "red.localhost"}).wsgi_request.session.get("basket") is None


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Green.localhost:80", "green.localhost"),
        ("green.localhost.", "green.localhost"),
        ("[::1]:8000", "[::1]"),
        ("[::1]", "[::1]"),
    ],
)
def test_bare_host(header, name):
    assert bare_host(header) == name
