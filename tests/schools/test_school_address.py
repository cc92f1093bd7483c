"""Another address for a school: refused when it is not free, and the old one leads on."""

import pytest
from django.urls import reverse

from kwiga.sites import host_url
from schools.models import Domain, Event, School
from schools.selectors import slug_problem
from schools.services.schools import move_school
from schools.slugs import SlugRefused
from schools.tenancy.scope import school_scope
from tests.factories.offers import PublishedOfferFactory
from tests.factories.world import fill, invitation_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(school):
    return reverse("schools:school_address", args=[school.slug])


def hosts(school) -> dict[str, bool]:
    with school_scope(school):
        return dict(Domain.objects.filter(school=school).values_list("host", "is_primary"))


def test_school_moves_and_the_journal_says_so(url, school, owner, staff):
    answer = staff(owner).post(url, {"slug": "Evergreen"}, follow=True)
    assert answer.redirect_chain == [("/evergreen/settings/", 302)]
    assert hosts(school) == {"green.localhost": False, "evergreen.localhost": True}
    with school_scope(school):
        event = Event.objects.get()
        assert (event.kind, event.actor, event.data) == ("school.moved", owner, {"from": "green", "to": "evergreen"})


def test_old_host_leads_visitors_to_the_same_page_of_the_new_one(school, visitor):
    offer = PublishedOfferFactory(school=school)
    with school_scope(school):
        move_school(school=school, slug="evergreen", actor=None)
    answer = visitor(school).get(f"/o/{offer.token}?coupon=SPRING")
    assert (answer.status_code, answer.url) == (
        301,
        host_url("evergreen.localhost", f"/o/{offer.token}?coupon=SPRING"),
    )
    assert answer.headers["Cache-Control"] == "max-age=3600"
    arrived = visitor(School.objects.get(pk=school.pk)).get(f"/o/{offer.token}")
    assert offer.title in arrived.text


def test_what_is_posted_to_the_old_host_is_not_led_away(school, visitor):
    with school_scope(school):
        move_school(school=school, slug="evergreen", actor=None)
    assert visitor(school).post("/preferences/theme/", {"theme": "dark"}).status_code == 302


def test_secret_links_to_the_old_address_still_work_and_its_dashboard_does_not(school, owner, staff):
    fill(school)
    with school_scope(school):
        move_school(school=school, slug="evergreen", actor=None)
    client = staff(owner)
    assert client.get(f"/green/invitations/{invitation_token(school)}/").status_code == 200
    assert client.get("/green/").status_code == 404


def test_another_host_of_the_school_is_its_own_and_leads_nowhere(school, visitor):
    with school_scope(school):
        Domain.objects.create(school=school, host="127.0.0.1", verified_at=school.created_at)
    assert visitor(school).get("/", headers={"host": "127.0.0.1"}).status_code == 200


@pytest.mark.spec("K08.3")
@pytest.mark.parametrize("slug", ["red", "admin", "settings", "a", "Зелена", "two--hyphens", ""])
def test_taken_reserved_and_malformed_addresses_are_refused(url, school, other_school, owner, staff, slug):
    answer = staff(owner).post(url, {"slug": slug})
    assert answer.status_code == 200
    assert "field-error" in answer.text
    assert hosts(school) == {"green.localhost": True}
    assert School.objects.get(pk=school.pk).slug == "green"


def test_address_that_a_school_has_left_stays_its_own(school, other_school):
    with school_scope(school):
        move_school(school=school, slug="evergreen", actor=None)
    assert slug_problem("green") and slug_problem("green", other_school)
    with school_scope(other_school), pytest.raises(SlugRefused):
        move_school(school=other_school, slug="green", actor=None)
    with school_scope(school):
        move_school(school=school, slug="green", actor=None)
    assert hosts(school) == {"green.localhost": True, "evergreen.localhost": False}


def test_same_address_again_changes_nothing(school):
    with school_scope(school):
        move_school(school=school, slug="green", actor=None)
        assert not Event.objects.exists()


def test_password_is_asked_for_again(url, school, owner, staff):
    client = staff(owner)
    session = client.session
    session["account_authentication_methods"][0]["at"] -= 3600
    session.save()
    assert client.post(url, {"slug": "evergreen"}).url.startswith("/accounts/reauthenticate/")
    assert hosts(school) == {"green.localhost": True}


def test_who_may_move_a_school(url, teammate, stranger, staff):
    assert [staff(user).get(url).status_code for user in (teammate, stranger)] == [403, 404]
