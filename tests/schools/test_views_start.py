"""Choosing a school and opening a new one."""

import re

import pytest
from django.urls import reverse

from schools.models import Member, School
from schools.tenancy.scope import school_scope
from tests.factories.schools import MemberFactory, SchoolFactory

pytestmark = pytest.mark.django_db

START, CREATE, ADDRESS = "/schools/", "/schools/new/", "/schools/new/address/"
BLUE = {"name": "Blue School", "slug": "blue", "currency": "PLN", "time_zone": "Europe/Warsaw", "language": "pl"}
HTMX = {"HX-Request": "true"}


def test_start_lists_my_schools_with_my_role_and_no_others(school, other_school, owner, staff):
    MemberFactory(school=SchoolFactory(slug="blue", name="Blue School"), user=owner, role="teacher")
    page = staff(owner).get(START)
    assert page.status_code == 200
    assert [reverse("school_home", args=[slug]) in page.text for slug in ("green", "blue", "red")] == [
        True,
        True,
        False,
    ]
    assert "Owner" in page.text and "Teacher" in page.text


def test_start_without_a_school_leads_to_making_one(person, staff):
    page = staff(person).get(START).text
    assert "You are in no school yet" in page
    assert f'href="{CREATE}"' in page


@pytest.mark.parametrize("count", [1, 3])
def test_start_asks_as_much_for_many_schools_as_for_one(person, staff, count, django_assert_num_queries):
    for _ in range(count):
        MemberFactory(school=SchoolFactory(), user=person)
    client = staff(person)
    client.get(START)
    # Session, user; savepoint, the person, the memberships, the person unset, savepoint.
    with django_assert_num_queries(7):
        assert client.get(START).text.count('class="pick"') == count


@pytest.mark.parametrize("path", [START, CREATE, ADDRESS])
def test_pages_between_schools_need_an_account(path, visitor):
    response = visitor().get(path)
    assert (response.status_code, response.url) == (302, f"/accounts/login/?next={path}")


def test_create_opens_a_school_and_leads_to_its_home(person, staff):
    client = staff(person)
    response = client.post(CREATE, BLUE, follow=True)
    assert response.redirect_chain == [("/blue/", 302)]
    assert "Blue School is open." in response.text
    assert "Get ready to sell" in response.text
    school = School.objects.get()
    assert {name: str(getattr(school, name)) for name in BLUE} == BLUE
    with school_scope(school):
        assert Member.objects.get(school=school).user == person


def test_enter_creates_and_does_not_merely_check(person, staff):
    """Enter presses the first submit button of a form."""
    buttons = re.findall(r"<button[^>]*>", staff(person).get(CREATE).text.partition(f'action="{CREATE}"')[2])
    submit = [button for button in buttons if 'type="submit"' in button]
    assert ["formaction" in button for button in submit[:2]] == [False, True]


def test_create_twice_keeps_the_first_and_says_so(person, staff):
    client = staff(person)
    client.post(CREATE, BLUE)
    again = client.post(CREATE, BLUE | {"name": "Navy School"})
    assert again.status_code == 200
    assert "This address is taken." in again.text
    assert list(School.objects.values_list("name", flat=True)) == ["Blue School"]


def test_create_makes_the_address_from_the_name_when_none_is_given(school, person, staff):
    assert staff(person).post(CREATE, BLUE | {"name": "Школа Green", "slug": " "}).url == "/shkola-green/"
    assert staff(person).post(CREATE, BLUE | {"name": "Green", "slug": ""}).url == "/green-2/"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "This field is required."),
        ("name", "x" * 121, "at most 120 characters"),
        ("slug", "www", "This address is reserved."),
        ("slug", "my_school", "Use only lower-case Latin letters"),
        ("slug", "ab", "The address needs 3 to 40 characters."),
        ("currency", "ZZZ", "Select a valid choice."),
        ("time_zone", "Mars/Base", "Select a valid choice."),
        ("language", "de", "Select a valid choice."),
    ],
)
def test_create_says_what_is_wrong_and_loses_nothing(person, staff, field, value, sentence):
    response = staff(person).post(CREATE, BLUE | {field: value})
    assert response.status_code == 200
    assert sentence in response.text
    kept = {name: typed for name, typed in BLUE.items() if name != field}
    assert {name: response.context["form"][name].value() for name in kept} == kept
    assert not School.objects.exists()


def test_create_guesses_from_the_visitors_language(person, staff):
    page = staff(person).get(CREATE, headers={"accept-language": "uk-UA,uk"})
    form = page.context["form"]
    assert [form[name].value() for name in ("currency", "time_zone", "language")] == ["UAH", "Europe/Kyiv", "uk"]


def address(client, headers=None, **query):
    response = client.get(ADDRESS, query, headers=headers or {})
    assert response.status_code == 200
    return response


def test_address_says_whether_it_is_free(school, person, staff):
    client = staff(person)
    target = HTMX | {"HX-Target": "address-state"}
    assert "http://blue.localhost:8000/ is free." in address(client, target, slug="Blue").text
    assert "This address is taken." in address(client, target, slug="green").text
    assert "This address is reserved." in address(client, target, slug="admin").text
    assert "Leave it empty" in address(client, target, slug="").text


def test_address_answers_typing_with_the_fragment_that_changed(person, staff):
    client = staff(person)
    state = address(client, HTMX | {"HX-Target": "address-state"}, slug="blue").text
    assert state.lstrip().startswith('<div id="address-state"')
    field = address(client, HTMX | {"HX-Target": "address"}, name="Blue School").text
    assert field.lstrip().startswith('<div id="address"')
    assert 'value="blue-school"' in field
    assert re.findall(r'(?:hx-get|formaction)="(.*?)"', field) == [ADDRESS]


def test_address_suggests_until_somebody_types_one(school, person, staff):
    client = staff(person)
    first = address(client, HTMX, name="Green", slug="", suggested="").context
    assert (first["slug"], first["suggested"]) == ("green-2", "green-2")
    second = address(client, HTMX, name="Green Tea", slug="green-2", suggested="green-2").context
    assert (second["slug"], second["suggested"]) == ("green-tea", "green-tea")
    own = address(client, HTMX, name="Green Tea Time", slug="tea", suggested="green-tea").context
    assert (own["slug"], own["suggested"]) == ("tea", "green-tea")


def test_address_without_script_is_the_whole_form_with_what_was_typed(person, staff):
    typed = {"name": "Blue School", "slug": "", "currency": "PLN", "time_zone": "Europe/Warsaw", "language": "pl"}
    page = staff(person).post(ADDRESS, typed)
    form = page.context["form"]
    assert "<h1>" in page.text
    assert {name: form[name].value() for name in typed} == typed | {"slug": "blue-school"}
    assert not School.objects.exists()
    assert "is free" in page.text
