"""Every URL x every role x the stranger (trust T1, T2, T7): allowed pages open, closed ones stay shut."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse

from schools.models import User
from schools.roles import Role
from tests.factories.contacts import ContactFactory, student_browser
from tests.factories.schools import MemberFactory
from tests.tenancy import url_matrix
from tests.tenancy.url_matrix import Guest, Public, SignedIn, Staff, Student
from tests.tenancy.world import World, fingerprint, world_of

pytestmark = pytest.mark.usefixtures("kept_mail")

METHODS = ("get", "post", "put", "delete", "patch")


def names(urlconf: str) -> Iterator[str]:
    yield from _names(get_resolver(urlconf), "")


def _names(resolver: Any, namespace: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _names(pattern, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace)
        else:
            yield f"{namespace}{pattern.name}"


def rows(kind: type) -> list[str]:
    return [name for name, row in url_matrix.ROOT.items() if isinstance(row, kind)]


def site_rows(kind: type) -> list[str]:
    return [name for name, row in url_matrix.SITE.items() if isinstance(row, kind)]


def by_app(names: Iterable[str]) -> dict[str, list[str]]:
    """Pages of an app are tried in one world, since building two schools with one of everything takes its time."""
    apps: dict[str, list[str]] = defaultdict(list)
    for name in names:
        app, _, page = name.rpartition(":")
        apps[app or page.partition("_")[0]].append(name)
    return apps


DASHBOARD = by_app(rows(Staff))
# Dashboard pages with an object of the school in their address.
# What an Undo carries is of one person in one school; the tests of these apps have their own proofs.
SIGNED = {"automations:undo", "contacts:undo", "coupons:undo"}
OBJECTS = by_app(
    name for name in rows(Staff) if url_matrix.ROOT[name].args is not url_matrix.Staff.args and name not in SIGNED
)


@pytest.fixture
def here(school) -> World:
    return world_of(school)


@pytest.fixture
def there(other_school) -> World:
    return world_of(other_school)


@pytest.fixture
def cast(here, owner) -> dict[str, User]:
    """One member of each role."""
    others = {role.value: MemberFactory(school=here.school, role=role).user for role in Role if role != Role.OWNER}
    return {"owner": owner} | others


def address(name: str, world: World, objects: World | None = None) -> str:
    row = url_matrix.ROOT[name]
    return reverse(name, args=[world.school.slug, *row.args(objects or world)])


def site_address(name: str, world: World) -> str:
    return reverse(name, urlconf=settings.SITE_URLCONF, args=url_matrix.SITE[name].args(world))


def ask(client: Client, method: str, path: str, row: Any) -> int:
    """The status of one request whose effects are undone again."""
    with transaction.atomic():
        response = getattr(client, method)(path, dict(getattr(row, "data", ())) if method == "post" else None)
        transaction.set_rollback(True)
    if response.streaming:
        response.getvalue()  # read to its end, a file is closed
    return response.status_code


def test_every_url_has_a_row_and_every_row_a_url():
    assert set(names(settings.ROOT_URLCONF)) == set(url_matrix.ROOT)
    assert set(names(settings.SITE_URLCONF)) == set(url_matrix.SITE)


@pytest.mark.spec("T7")
def test_a_new_url_without_a_row_would_be_noticed(settings):
    """The control: an address added to the URLconf is in none of the rows."""
    settings.SITE_URLCONF = "tests.tenancy.extra_urls"
    assert set(names(settings.SITE_URLCONF)) - set(url_matrix.SITE) == {"forgotten"}


@pytest.mark.spec("T7")
@pytest.mark.parametrize("app", DASHBOARD)
def test_dashboard_page_lets_in_its_roles_and_no_others(app, here, cast, staff):
    wrong = {}
    for role, user in cast.items():
        client = staff(user)
        for name in DASHBOARD[app]:
            row, path = url_matrix.ROOT[name], address(name, here)
            answers = [ask(client, method, path, row) for method in ("get", "post")]
            if not is_right(answers, opens=role in row.roles):
                wrong[name, role] = answers
    assert wrong == {}


def is_right(answers: list[int], *, opens: bool) -> bool:
    """A page that opens does so by one method at least; one that is closed is so by all."""
    return {405} != set(answers) <= {200, 302, 405} if opens else set(answers) == {403}


def test_a_wrong_answer_would_be_noticed():
    """The control."""
    assert is_right([200, 405], opens=True) and is_right([403, 403], opens=False)
    assert not any(is_right(answers, opens=True) for answers in ([405, 405], [200, 403], [500, 302]))
    assert not any(is_right(answers, opens=False) for answers in ([200, 403], [403, 405], [404, 404]))


@pytest.mark.parametrize("app", DASHBOARD)
def test_dashboard_page_does_not_exist_for_strangers(app, here, there, stranger, person, staff):
    before = fingerprint(here.school)
    for user in (stranger, person):
        client = staff(user)
        for name in DASHBOARD[app]:
            answers = {getattr(client, method)(address(name, here)).status_code for method in METHODS}
            assert answers == {404}, name
    assert fingerprint(here.school) == before


@pytest.mark.parametrize("app", DASHBOARD)
def test_dashboard_page_sends_the_signed_out_to_sign_in(app, here, visitor):
    for name in DASHBOARD[app]:
        for path in (address(name, here), address(name, here).replace("/green/", "/no-such-school/", 1)):
            response = visitor().get(path)
            assert response.status_code == 302, name
            assert response.url.startswith("/accounts/login/?next="), name


@pytest.mark.spec("T1")
@pytest.mark.spec("K08.4")
@pytest.mark.parametrize("app", OBJECTS)
def test_objects_of_another_school_are_not_found(app, here, there, owner, staff):
    before, client = fingerprint(there.school), staff(owner)
    for name in OBJECTS[app]:
        path = address(name, here, objects=there)
        for method in METHODS:
            assert getattr(client, method)(path).status_code in {404, 405}, (name, method)
        assert fingerprint(there.school) == before, name


@pytest.mark.parametrize("name", rows(Guest))
def test_page_for_guests_opens_with_its_secret_and_with_no_other(name, here, there, person, staff, visitor):
    for client in (visitor(), staff(person)):
        assert ask(client, "get", address(name, here), None) == 200
        assert ask(client, "get", address(name, here, objects=there), None) == 404
        assert "Red School" not in client.get(address(name, here)).text


@pytest.mark.parametrize("name", rows(SignedIn))
def test_page_of_the_platform_needs_an_account(name, person, staff, visitor):
    path = reverse(name, args=url_matrix.ROOT[name].args)
    assert ask(visitor(), "get", path, None) == 302
    assert ask(staff(person), "get", path, None) in {200, 302, 405}


@pytest.mark.parametrize("name", rows(Public))
def test_public_page_opens_for_everybody(name, here, person, staff, visitor):
    path = reverse(name, args=url_matrix.ROOT[name].args(here))
    for client in (visitor(), staff(person)):
        assert ask(client, "get", path, None) in {200, 302, 405}


@pytest.mark.parametrize("name", site_rows(Public))
def test_site_shows_its_own_school_and_no_other(name, here, there, visitor, owner, staff):
    row = url_matrix.SITE[name]
    own = reverse(name, urlconf=settings.SITE_URLCONF, args=row.args(here))
    foreign = reverse(name, urlconf=settings.SITE_URLCONF, args=row.args(there))
    before = fingerprint(there.school)
    for client in (visitor(here.school), Client(headers={"host": "green.localhost"})):
        assert ask(client, "get", own, None) in {200, 302, 303, 405}
        if own != foreign:
            assert {getattr(client, method)(foreign).status_code for method in METHODS} <= {404, 405}
    assert staff(owner).get(own, headers={"host": "nobody.localhost"}).status_code == 404
    assert fingerprint(there.school) == before


@pytest.mark.parametrize("name", site_rows(Student))
def test_page_of_a_student_opens_for_them_and_sends_visitors_to_sign_in(name, here, visitor):
    path = site_address(name, here)
    answers = {ask(student_browser(here.contact), method, path, None) for method in ("get", "post")}
    assert answers <= {200, 302, 405} and answers != {405}
    for method in METHODS:
        response = getattr(visitor(here.school), method)(path)
        assert response.status_code == 302 and response.url.startswith("/sign-in/"), method


@pytest.mark.spec("T2: a student opens nothing of another one, in this school or elsewhere")
@pytest.mark.parametrize("name", site_rows(Student))
def test_page_of_a_student_shows_nothing_of_another_one(name, here, there):
    own, foreign = site_address(name, here), site_address(name, there)
    before = fingerprint(here.school), fingerprint(there.school)
    if own != foreign:
        classmate = student_browser(ContactFactory(school=here.school))
        statuses = {getattr(classmate, method)(own).status_code for method in METHODS}
        statuses |= {getattr(student_browser(here.contact), method)(foreign).status_code for method in METHODS}
        assert statuses <= {403, 404, 405}  # 403 is the page that tells where a lesson can be bought
    intruder = student_browser(there.contact)
    for method in METHODS:
        response = getattr(intruder, method)(own, headers={"host": "green.localhost"})
        assert response.status_code == 302 and response.url.startswith("/sign-in/"), method
    assert fingerprint(there.school) == before[1]
