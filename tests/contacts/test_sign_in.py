"""Students sign in by a mailed code on the school's host."""

import re

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kwiga.redirects import safe_next
from schools.models import Event
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.contacts import student_browser
from tests.support.students import CODE, SIGN_IN, WRONG, ask_for_code, code_mailed, is_signed_in, sign_in

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])


def without_secrets(html: str) -> str:
    """The page but for what differs at every request."""
    return re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+|nonce="[^"]+"', "", html)


def test_a_code_from_the_mail_signs_in(guest, contact):
    page = ask_for_code(guest, "  OLENA@example.test ")
    assert page.status_code == 302 and page.url == CODE
    response = guest.post(CODE, {"code": code_mailed()})
    assert response.status_code == 302 and response.url == "/me/start/"
    assert is_signed_in(guest)
    with school_scope(contact.school):
        contact.refresh_from_db()
        assert contact.verified_at is not None
        assert Event.objects.filter(kind="contact.signed_in", subject_id=contact.pk).count() == 1


def test_the_code_field_is_made_for_phones(guest):
    ask_for_code(guest, "olena@example.test")
    html = guest.get(CODE).text
    assert 'autocomplete="one-time-code"' in html and 'inputmode="numeric"' in html


def test_a_code_may_be_pasted_with_spaces(guest):
    ask_for_code(guest, "olena@example.test")
    code = code_mailed()
    assert guest.post(CODE, {"code": f" {code[:3]} {code[3:]} "}).status_code == 302


@pytest.mark.parametrize("language", ["en", "uk", "pl"])
def test_the_mail_is_in_the_language_of_the_page(guest, language):
    guest.cookies["django_language"] = language
    ask_for_code(guest, "olena@example.test")
    code = code_mailed()
    assert code in mail.outbox[-1].subject
    assert f'lang="{language}"' in str(mail.outbox[-1].alternatives[0][0])


@pytest.mark.spec("K10.2: nobody learns whether an email is known")
def test_a_stranger_is_answered_like_a_student_and_gets_no_mail(guest, contact, visitor):
    other = visitor(contact.school)
    known, unknown = ask_for_code(guest, contact.email), ask_for_code(other, "nobody@example.test")
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    pages = [guest.get(CODE).text, other.get(CODE).text.replace("nobody@example.test", contact.email)]
    assert without_secrets(pages[0]) == without_secrets(pages[1])
    drain()
    assert [letter.to for letter in mail.outbox] == [[contact.email]]
    wrong = [guest.post(CODE, {"code": "000000"}).text, other.post(CODE, {"code": "000000"}).text]
    assert all(WRONG in html for html in wrong)


def test_asking_costs_the_same_for_a_stranger_and_a_student(guest, contact, visitor):
    statements = []
    visitor(contact.school).get(SIGN_IN)  # what every page reads first and keeps for a while
    for client, email in [(guest, contact.email), (visitor(contact.school), "nobody@example.test")]:
        with CaptureQueriesContext(connection) as asked:
            ask_for_code(client, email)
        drain()
        with CaptureQueriesContext(connection) as tried:
            client.post(CODE, {"code": "000000"})
        statements.append([re.sub(r"'[^']*'|\d+", "?", each["sql"])[:60] for each in (*asked, *tried)])
    assert statements[0] == statements[1]


def test_the_code_page_without_an_email_leads_back(guest):
    assert guest.get(CODE).url == SIGN_IN


# --- Doors ---


def test_a_closed_page_sends_visitors_to_sign_in_and_back(guest, contact):
    response = guest.get("/me/orders/?before=1-1")
    assert response.url == "/sign-in/?next=%2Fme%2Forders%2F%3Fbefore%3D1-1"
    html = guest.get(response.url).text
    assert 'value="/me/orders/?before=1-1"' in html
    assert sign_in(guest, contact.email, next="/me/orders/?before=1-1").url == "/me/orders/?before=1-1"


def test_htmx_is_told_to_navigate(guest):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://green.localhost/me/orders/"}
    response = guest.get("/me/profile/", headers=headers)
    assert response.status_code == 200
    assert response.headers["HX-Redirect"] == "/sign-in/?next=%2Fme%2Forders%2F"


def test_a_closed_view_that_manages_its_scopes_has_the_same_door(contact, visitor, settings):
    settings.SITE_URLCONF = "tests.contacts.door_urls"
    assert visitor(contact.school).get("/own-scopes/").url == "/sign-in/?next=%2Fown-scopes%2F"
    assert student_browser(contact).get("/own-scopes/").text == "Olena"


def test_what_was_posted_to_a_closed_page_is_not_carried_over(guest):
    assert guest.post("/me/profile/", {"name": "X"}).url == "/sign-in/"


def test_after_signing_in_a_school_may_send_its_students_to_the_store(contact):
    browser = student_browser(contact)
    assert browser.get("/me/start/").url == "/me/"
    contact.school.after_sign_in = "store"
    contact.school.save()
    assert browser.get("/me/start/").url == "/"


# --- Where to after it (P7) ---

ELSEWHERE = [
    "http://evil.test/", "https://evil.test", "//evil.test", "///evil.test", "////evil.test/a", "/\\evil.test",
    "\\\\evil.test", "/\\/evil.test", "\\/evil.test", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x",
    "vbscript:x", "http:evil.test",
    "http:/evil.test", "https:///evil.test", "evil.test", "evil.test/path", "@evil.test",
    "http://green.localhost@evil.test/", "http://green.localhost.evil.test/", "http://evil.test#green.localhost",
    "http://evil.test?green.localhost", "//green.localhost@evil.test", "//evil.test:80", "ftp://evil.test/",
    "file:///etc/passwd", " //evil.test", "\t//evil.test", "\n//evil.test", "/\t/evil.test", "/\n/evil.test",
    "http://[::1]/", "http://0x7f000001/", "//%65vil.test", "https://evil。test", "//evil。test",
    "mailto:a@evil.test", "http://red.localhost/", "//red.localhost/", "x" * 5_000, "/" + "a" * 5_000,
]  # fmt: skip


@pytest.mark.spec("P7")
@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_signing_in_never_leads_elsewhere(wanted, contact, visitor, monkeypatch):
    monkeypatch.setattr("contacts.limits._MAILS", type("L", (), {"name": "m", "times": 999, "seconds": 60}))
    response = sign_in(visitor(contact.school), contact.email, next=wanted)
    assert response.status_code == 302 and response.url == "/me/start/"


@pytest.mark.parametrize("wanted", ["/me/orders/", "/o/TnHG7QjEFukO?coupon=SPRING", "/learn/abc/#part", "/?q=a%20b"])
def test_addresses_of_the_site_are_kept_whole(wanted, rf):
    assert safe_next(rf.get("/", headers={"host": "green.localhost"}), wanted) == wanted
