"""Starting a school and changing what it says about itself."""

from dataclasses import asdict, replace

import pytest

from kwiga import clock
from schools.models import Domain, Event, Member, School
from schools.selectors import free_slug, school_of_host, slug_problem
from schools.services.schools import SchoolFacts, change_school, create_school
from schools.slugs import SlugRefused
from schools.tenancy.scope import school_scope
from tests.factories.schools import SchoolFactory

pytestmark = pytest.mark.django_db

BLUE = {"name": "Blue School", "slug": "blue", "currency": "PLN", "time_zone": "Europe/Warsaw", "language": "pl"}
FACTS = SchoolFacts(
    name="Green School",
    legal_name="Green LLC",
    address="1 Leaf St\nKyiv",
    contact_email="hello@green.test",
    contact_phone="+380 44 000 00 00",
    currency="UAH",
    time_zone="Europe/Kyiv",
    language="en",
)


def test_create_school_makes_it_with_host_owner_and_journal(person):
    school = create_school(owner=person, **BLUE)

    assert {name: str(getattr(school, name)) for name in BLUE} == BLUE
    assert school_of_host("blue.localhost") == school
    with school_scope(school):
        domain = Domain.objects.get(school=school)
        assert (domain.host, domain.is_primary) == ("blue.localhost", True)
        assert domain.verified_at <= clock.now()
        assert list(Member.objects.filter(school=school).values_list("user", "role")) == [(person.pk, "owner")]
        event = Event.objects.get()
        assert (event.kind, event.actor, event.subject_id) == ("school.created", person, school.pk)


@pytest.mark.parametrize("slug", ["green", "accounts", "ab", "Blue", "my--school"])
def test_create_school_refuses_an_address_and_writes_nothing(school, person, slug):
    with pytest.raises(SlugRefused):
        create_school(owner=person, **BLUE | {"slug": slug})

    assert list(School.objects.all()) == [school]


def test_create_school_refuses_an_address_whose_host_another_school_uses(school, person):
    with school_scope(school):
        Domain.objects.create(school=school, host="blue.localhost", verified_at=clock.now())

    with pytest.raises(SlugRefused, match="taken"):
        create_school(owner=person, **BLUE)

    assert list(School.objects.all()) == [school]
    assert "taken" in slug_problem("blue")


def test_slug_problem_names_each_reason(school):
    assert slug_problem("blue") == ""
    assert "taken" in slug_problem("green")
    assert "reserved" in slug_problem("www")
    assert "characters" in slug_problem("ab")
    assert "hyphens" in slug_problem("a_b_c")


def test_free_slug_counts_on_where_the_name_is_taken(school):
    assert free_slug("Blue School") == "blue-school"
    assert free_slug("Green") == "green-2"
    SchoolFactory(slug="green-2")
    assert free_slug("Green") == "green-3"
    assert free_slug("Accounts") == "accounts-2"
    assert free_slug("日本") == ""
    assert free_slug("g" * 60) == "g" * 40
    SchoolFactory(slug="g" * 40)
    assert free_slug("g" * 60) == "g" * 38 + "-2"


def test_change_school_writes_the_facts_and_names_what_differs(school, owner, scope):
    change_school(school=school, facts=FACTS, actor=owner)

    school.refresh_from_db()
    assert {name: str(getattr(school, name)) for name in asdict(FACTS)} == {k: str(v) for k, v in asdict(FACTS).items()}
    event = Event.objects.get()
    assert (event.kind, event.actor) == ("school.changed", owner)
    assert event.data == {"fields": ["address", "contact_email", "contact_phone", "legal_name"]}


def test_change_school_twice_is_one_event(school, owner, scope):
    change_school(school=school, facts=FACTS, actor=owner)
    change_school(school=school, facts=FACTS, actor=owner)
    assert Event.objects.count() == 1

    change_school(school=school, facts=replace(FACTS, time_zone="Europe/Warsaw"), actor=owner)
    assert Event.objects.latest("id").data == {"fields": ["time_zone"]}
