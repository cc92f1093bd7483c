"""In which language a page answers: the reader's choice, the browser's, the school's, the product's."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from kwiga.languages import language_of
from schools.mail.letters import write_letter
from schools.mail.sealing import Order
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.offers import PublishedOfferFactory
from tests.factories.schools import SchoolFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(db: None) -> School:
    """A school that speaks Ukrainian."""
    return SchoolFactory(slug="sad", name="Sad", language="uk")


def ask(client: Client, address: str = "/", accepted: str = "", chosen: str = "") -> Any:
    if chosen:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = chosen
    return client.get(address, headers={"accept-language": accepted} if accepted else {})


def spoken(response: Any) -> str:
    """The language of the answer, which its headers and its page have to agree on."""
    language: str = response.headers["Content-Language"]
    assert f'<html lang="{language}"' in response.text
    return language


@pytest.mark.parametrize(
    ("accepted", "chosen", "language"),
    [
        ("", "", "uk"),
        ("de-DE,fr;q=0.8", "", "uk"),
        ("*", "", "uk"),
        ("de,*;q=0.5", "", "uk"),
        ("<script>,,;q=", "", "uk"),
        ("de,en-GB;q=0.3", "", "en"),
        ("pl-PL,pl;q=0.9,uk;q=0.8", "", "pl"),
        ("en", "pl", "pl"),
        ("", "en", "en"),
        ("pl", "tlh", "pl"),
        ("", "tlh", "uk"),
        ("", "../../etc", "uk"),
    ],
)
@pytest.mark.parametrize("address", ["/", "/nothing/here/"])
def test_a_schools_site_speaks_to_the_reader_first_and_falls_back_on_its_own_language(
    visitor: Any, school: School, address: str, accepted: str, chosen: str, language: str
) -> None:
    assert spoken(ask(visitor(school), address, accepted, chosen)) == language


@pytest.mark.parametrize(
    ("accepted", "chosen", "language"),
    [("", "", "en"), ("de", "", "en"), ("uk-UA", "", "uk"), ("uk", "pl", "pl"), ("", "tlh", "en")],
)
@pytest.mark.parametrize("address", ["/", "/accounts/login/", "/webhooks/nothing/"])
def test_the_root_host_falls_back_on_english(
    visitor: Any, school: School, address: str, accepted: str, chosen: str, language: str
) -> None:
    assert spoken(ask(visitor(), address, accepted, chosen)) == language


def test_the_dashboard_does_not_take_over_the_schools_language(school: School, staff: Any) -> None:
    with school_scope(school):
        owner = school.members.get().user
    page = ask(staff(owner), "/sad/settings/")
    assert (spoken(page), "Money" in page.text) == ("en", True)
    page = ask(staff(owner), "/sad/settings/", "pl")
    assert (spoken(page), "Pieniądze" in page.text) == ("pl", True)


def test_a_school_whose_language_we_have_given_up_speaks_english(visitor: Any, school: School) -> None:
    School.objects.filter(pk=school.pk).update(language="tlh")
    assert spoken(ask(visitor(school))) == "en"


def test_pages_are_written_in_the_language_they_name(visitor: Any, school: School) -> None:
    PublishedOfferFactory(school=school, price_minor=0)
    said = {
        language: [word for word in ("Courses", "Курси", "Kursy", "Free", "Безкоштовно", "Za darmo") if word in text]
        for language in ("en", "uk", "pl")
        if (text := ask(visitor(school), "/", language).text)
    }
    assert said == {"en": ["Courses", "Free"], "uk": ["Курси", "Безкоштовно"], "pl": ["Kursy", "Za darmo"]}


def test_caches_are_told_that_the_browsers_languages_matter(visitor: Any, school: School) -> None:
    assert "Accept-Language" in ask(visitor(school)).headers["Vary"]


def test_one_readers_language_does_not_reach_the_next_reader(visitor: Any, school: School) -> None:
    assert spoken(ask(visitor(school))) == "uk"
    nobody = Client(headers={"host": "nobody.localhost"})
    assert spoken(ask(nobody)) == "en"
    assert spoken(ask(nobody, accepted="pl")) == "pl"
    assert spoken(ask(visitor())) == "en"


def test_a_broken_request_is_answered_in_the_readers_language_before_the_school_is_known(rf: Any) -> None:
    assert language_of(rf.get("/")) == "en"
    assert language_of(rf.get("/", headers={"accept-language": "de,uk;q=0.5"})) == "uk"


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        ("uk", "Запрошення до команди школи «Sad»", "Посилання діє 7 днів"),
        ("pl", "Zaproszenie do zespołu szkoły „Sad”", "Link działa przez 7 dni "),
        ("en", "Invitation to the team of Sad", "The link works for 7 days"),
    ],
)
def test_a_mail_is_written_in_its_own_language(school: School, language: str, subject: str, words: str) -> None:
    context = {"role": "?", "inviter": "Oksana", "link": "http://localhost/", "days": 7}
    order = Order(to="new@example.test", language=language, context=context)
    letter = write_letter(school=school, template="invitation", order=order, dedupe_key="1", at=school.created_at)
    assert letter.subject == subject
    assert words in letter.text
    assert words in letter.html and f'<html lang="{language}"' in letter.html
