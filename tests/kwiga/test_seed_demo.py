"""`manage.py seed_demo` makes the store that the documentation shows, and making it again changes nothing."""

import pytest
from django.core.management import call_command

from offers.models import Offer
from schools.models import Domain, Event, Member, School
from schools.roles import Role
from schools.tenancy.scope import school_scope

pytestmark = pytest.mark.django_db


def everything() -> list[tuple[object, ...]]:
    """All rows that the demo consists of, without keys that count on."""
    rows: list[tuple[object, ...]] = []
    for school in School.objects.order_by("slug"):
        rows.append((school.slug, school.name, school.legal_name, school.created_at))
        with school_scope(school):
            rows += Domain.objects.filter(school=school).order_by("host").values_list("host", "is_primary")
            rows += Member.objects.filter(school=school).order_by("pk").values_list("user__email", "role", "created_at")
            rows += Offer.objects.order_by("pk").values_list("token", "title", "price_minor", "status", "created_at")
            rows += Event.objects.order_by("pk").values_list("kind", "created_at")
    return rows


def test_demo_is_the_store_of_the_article(client):
    call_command("seed_demo", verbosity=0)
    page = client.get("/o/TnHG7QjEFukO?coupon=SPRING", headers={"host": "sampleschool.localhost"})
    assert page.status_code == 200
    assert "UAH\N{NO-BREAK SPACE}1,200" in page.text
    assert client.get("/o/TnHG7QjEFukO", headers={"host": "127.0.0.1"}).status_code == 200
    assert client.get("/o/TnHG7QjEFukO", headers={"host": "otherschool.localhost"}).status_code == 404


def test_owner_of_the_sample_school_can_sign_in(client):
    call_command("seed_demo", password="a password of the test", verbosity=0)
    who = {"login": "owner@sampleschool.test", "password": "a password of the test"}
    answer = client.post("/accounts/login/", who, follow=True, headers={"host": "localhost"})
    assert answer.redirect_chain[-1][0] == "/sampleschool/"
    school = School.objects.get(slug="sampleschool")
    with school_scope(school):
        assert Member.objects.get(user__email="owner@sampleschool.test").role == Role.OWNER


def test_seeding_again_changes_nothing():
    call_command("seed_demo", verbosity=0)
    before = everything()
    call_command("seed_demo", verbosity=0)
    assert len(before) > 20
    assert everything() == before
