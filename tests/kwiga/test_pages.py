"""Pages that join apps: the front door, a school's home, the navigation, one's own account."""

from typing import Any

import pytest
from django.urls import reverse

from offers.services import unpublish_offer
from orders.models import PaymentConnection
from schools.models import Invitation, Member, School
from schools.roles import Role
from schools.services.invitations import invite
from schools.tenancy.scope import school_scope
from tests.factories.courses import CourseFactory
from tests.factories.offers import OfferFactory, PublishedOfferFactory
from tests.factories.orders import PaidOrderFactory
from tests.factories.schools import MemberFactory, SchoolFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(school):
    return reverse("school_home", args=[school.slug])


def steps(response) -> dict[str, bool]:
    return {str(step.title): step.done for step in response.context["steps"]}


# --- The front door ---


def test_landing_leads_to_signing_in_and_to_a_school(visitor):
    page = visitor().get("/")
    assert page.status_code == 200
    assert "/accounts/login/" in page.text
    assert "/accounts/signup/?next=%2Fschools%2Fnew%2F" in page.text


def test_landing_sends_people_who_are_signed_in_to_their_school(school, owner, person, staff):
    assert staff(owner).get("/").url == "/green/"
    assert staff(person).get("/").url == "/schools/"
    MemberFactory(school=SchoolFactory(), user=owner)
    assert staff(owner).get("/").url == "/schools/"


# --- Home ---


NOTHING_DONE = dict.fromkeys(
    [
        "Say who sells",
        "Make the first course",
        "Make the first offer",
        "Put it on sale",
        "Choose how you are paid",
        "Buy something yourself",
        "Invite a teammate",
    ],
    False,
)


def test_home_ticks_off_what_is_there(url, school, owner, staff):
    client = staff(owner)
    assert steps(client.get(url)) == NOTHING_DONE

    School.objects.filter(pk=school.pk).update(legal_name="Green LLC")
    assert steps(client.get(url)) == NOTHING_DONE
    School.objects.filter(pk=school.pk).update(contact_email="hello@green.test")
    assert steps(client.get(url)) == NOTHING_DONE | {"Say who sells": True}

    OfferFactory(school=school)
    offer = PublishedOfferFactory(school=school)
    on_sale = NOTHING_DONE | {"Say who sells": True, "Make the first offer": True, "Put it on sale": True}
    assert steps(client.get(url)) == on_sale
    with school_scope(school):
        unpublish_offer(offer=offer, actor=owner)
    assert steps(client.get(url)) == on_sale | {"Put it on sale": False}


def test_home_drops_the_steps_when_all_are_done(url, school, owner, staff):
    School.objects.filter(pk=school.pk).update(legal_name="Green LLC", contact_email="hello@green.test")
    PaidOrderFactory(school=school)
    CourseFactory(school=school)
    with school_scope(school):
        PaymentConnection.objects.create(school=school, provider="bank_transfer")
    assert "Get ready to sell" in staff(owner).get(url).text
    with school_scope(school):
        invite(email="new@example.test", role=Role.SALES, actor=Member.objects.get(school=school, user=owner))
    assert "Get ready to sell" not in staff(owner).get(url).text
    with school_scope(school):
        Invitation.objects.all().delete()
    MemberFactory(school=school)
    assert "Get ready to sell" not in staff(owner).get(url).text


def test_home_links_only_what_a_member_may_do(url, school, owner, teammate, staff):
    sales = MemberFactory(school=school, role=Role.SALES).user
    urls = {str(step.title): bool(step.url) for step in staff(sales).get(url).context["steps"]}
    assert urls["Make the first offer"] and not urls["Say who sells"] and not urls["Invite a teammate"]
    assert "Get ready to sell" not in staff(teammate).get(url).text


def test_home_counts_and_links_to_the_site(url, school, other_school, owner, teammate, staff):
    OfferFactory(school=school)
    PublishedOfferFactory(school=school)
    PublishedOfferFactory(school=other_school)
    page = staff(owner).get(url)
    facts = page.context["facts"]
    assert (facts.offers, facts.offers_on_sale, facts.team) == (2, 1, 2)
    assert 'href="http://green.localhost:8000/"' in page.text


@pytest.mark.parametrize("count", [1, 3])
def test_home_asks_as_much_for_many_as_for_one(url, school, owner, staff, count, django_assert_num_queries):
    for _ in range(count):
        PublishedOfferFactory(school=school)
        MemberFactory(school=school)
    client = staff(owner)
    client.get(url)
    # Session, user, school; savepoint, scope, membership; offers, courses, ways to pay, orders, team, invitations,
    # host; failed deliveries, newest events and what they are about; scope, savepoint.
    with django_assert_num_queries(18):
        assert client.get(url).context["facts"].offers == count


# --- Navigation ---


def labels(items: list[Any]) -> dict[str, list[str]]:
    return {str(item.label): [str(child.label) for child in item.children] for item in items}


_SALES = ["Orders", "Transactions", "Contacts"]
_SHOP = ["Courses", "Offers", "Promo codes", "Process automation"]
_SETTINGS = ["School", "Fields of contacts", "Sending", "Payments", "Connections"]


@pytest.mark.parametrize(
    ("role", "courses", "sales", "settings_links"),
    [
        (
            Role.OWNER,
            ["Courses", "Assignments", "Offers", "Promo codes", "Process automation"],
            _SALES,
            [*_SETTINGS, "Legal terms", "Team", "Activity", "Deliveries"],
        ),
        (Role.SUPPORT, _SHOP, _SALES, ["Legal terms", "Team", "Activity", "Deliveries"]),
        (Role.READ_ONLY, _SHOP, _SALES, ["Legal terms", "Team", "Activity"]),
        (Role.MARKETING, _SHOP, ["Contacts"], ["Legal terms", "Team"]),
        (Role.TEACHER, ["Courses", "Assignments", "Offers"], None, ["Legal terms", "Team"]),
    ],
)
def test_navigation_shows_what_a_member_may_see(url, school, staff, settings, role, courses, sales, settings_links):
    settings.KEEP_MAIL_IN = ""
    page = staff(MemberFactory(school=school, role=role).user).get(url)
    groups = {"Home": [], "Courses": courses, "Sales": sales, "Settings": settings_links}
    shown = {title: links for title, links in groups.items() if links is not None}
    assert labels(page.context["navigation"]) == shown


def test_every_link_of_the_navigation_opens(url, school, owner, staff, settings):
    settings.KEEP_MAIL_IN = ""
    client = staff(owner)
    items = client.get(url).context["navigation"]
    addresses = [item.url for group in items for item in (group.children or [group])]
    assert len(addresses) == 18
    assert {client.get(address).status_code for address in addresses} == {200}


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/green/", "Home"),
        ("/green/offers/", "Offers"),
        ("/green/offers/new/", "Offers"),
        ("/green/settings/", "School"),
        ("/green/settings/team/", "Team"),
        ("/green/settings/team/departure/", "Team"),
        ("/green/activity/", "Activity"),
    ],
)
def test_navigation_marks_where_one_is(school, owner, staff, path, current):
    items = staff(owner).get(path).context["navigation"]
    flat = [item for group in items for item in (group.children or [group])]
    assert [str(item.label) for item in flat if item.current] == [current]


def test_the_switcher_leads_to_my_schools(url, school, owner, staff):
    assert 'class="switcher ' in staff(owner).get(url).text
    assert staff(owner).get(url).context["switcher_url"] == "/schools/"


# --- Account ---


def test_account_changes_the_name(person, staff):
    client = staff(person)
    assert client.get("/account/").context["form"]["name"].value() == person.name
    response = client.post("/account/", {"name": "  Nina   New "}, follow=True)
    assert response.redirect_chain == [("/account/", 302)]
    assert "Saved." in response.text
    person.refresh_from_db()
    assert person.name == "Nina New"
    client.post("/account/", {"name": ""})
    person.refresh_from_db()
    assert (person.name, str(person)) == ("", person.email)


def test_account_refuses_too_long_a_name_and_keeps_it(person, staff):
    response = staff(person).post("/account/", {"name": "x" * 121})
    assert (response.status_code, "at most 120 characters" in response.text) == (200, True)
    assert response.context["form"]["name"].value() == "x" * 121


def test_account_leads_to_email_password_and_language(person, staff):
    page = staff(person).get("/account/").text
    for path in ("/accounts/email/", "/accounts/password/change/", "/preferences/language/", "/schools/"):
        assert path in page


def test_account_needs_one(visitor):
    assert visitor().get("/account/").url == "/accounts/login/?next=/account/"
