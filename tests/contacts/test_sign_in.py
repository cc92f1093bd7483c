"""Students sign in by a mailed code on the school's host."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.links import claim_url
from contacts.models import Contact, SignInCode
from contacts.services import people
from contacts.services.codes import use_code
from contacts.services.people import ContactFacts
from kwiga import clock
from kwiga.redirects import safe_next
from schools.models import Event, OutboxRow
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory, student_browser
from tests.support.races import race
from tests.support.students import CODE, SIGN_IN, ask_for_code, code_mailed, is_signed_in, sign_in

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])

WRONG = "This code is not right, or works no longer."


def without_secrets(html: str) -> str:
    """The page but for what differs at every request."""
    return re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+|nonce="[^"]+"', "", html)


@pytest.fixture
def guest(contact, visitor) -> Client:
    """A visitor of the school that knows `contact`."""
    return visitor(contact.school)


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


@pytest.mark.spec("T6")
def test_signing_in_changes_the_key_of_the_session(guest, contact):
    ask_for_code(guest, contact.email)
    planted = guest.cookies["session"].value
    guest.post(CODE, {"code": code_mailed()})
    assert guest.cookies["session"].value != planted
    assert not Session.objects.filter(session_key=planted).exists()
    thief = Client(headers={"host": "green.localhost"})
    thief.cookies["session"] = planted
    assert not is_signed_in(thief)


@pytest.mark.spec("T6")
def test_a_session_of_one_school_is_nobodys_at_another(contact, other_school):
    ContactFactory(school=other_school, email=contact.email)
    browser = student_browser(contact)
    assert is_signed_in(browser)
    assert browser.get("/me/profile/", headers={"host": "red.localhost"}).status_code == 302
    assert browser.get("/accounts/login/", headers={"host": "localhost"}).status_code == 200


@pytest.mark.spec("T8")
def test_the_code_is_kept_as_a_keyed_digest_alone(guest, contact):
    ask_for_code(guest, contact.email)
    with school_scope(contact.school):
        waiting = repr(list(OutboxRow.objects.values_list("payload", flat=True)))
        assert contact.email not in waiting
    code = code_mailed()
    with school_scope(contact.school):
        row = SignInCode.objects.get()
        assert code not in repr(row.__dict__.values())
        assert not any(key in repr(OutboxRow.objects.values_list("payload")) for key in (code, contact.email))


def test_a_code_works_once(guest, contact, visitor):
    ask_for_code(guest, contact.email)
    code = code_mailed()
    assert guest.post(CODE, {"code": code}).status_code == 302
    with school_scope(contact.school):
        row = SignInCode.objects.get()
        assert row.used_at is not None
    again = visitor(contact.school)
    ask_for_code(again, contact.email)
    assert WRONG in again.post(CODE, {"code": code}).text


def test_a_code_works_in_the_browser_that_asked_for_it_alone(guest, contact, visitor):
    ask_for_code(guest, contact.email)
    code = code_mailed()
    other = visitor(contact.school)
    ask_for_code(other, contact.email)
    assert WRONG in other.post(CODE, {"code": code}).text
    assert guest.post(CODE, {"code": code}).status_code == 302


def test_a_new_code_ends_the_older_one_of_the_browser(guest, contact):
    ask_for_code(guest, contact.email)
    first = code_mailed()
    ask_for_code(guest, contact.email)
    second = code_mailed()
    assert first == second or WRONG in guest.post(CODE, {"code": first}).text
    assert guest.post(CODE, {"code": second}).status_code == 302


def test_a_code_is_too_old_after_ten_minutes(guest, contact):
    ask_for_code(guest, contact.email)
    code, now = code_mailed(), clock.now()
    with clock.at(now + timedelta(minutes=10)):
        assert WRONG in guest.post(CODE, {"code": code}).text
    with clock.at(now + timedelta(minutes=9)):
        assert guest.post(CODE, {"code": code}).status_code == 302


def test_the_sixth_try_fails_even_with_the_right_code(guest, contact):
    ask_for_code(guest, contact.email)
    code = code_mailed()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert WRONG in guest.post(CODE, {"code": wrong}).text
    assert WRONG in guest.post(CODE, {"code": code}).text


@pytest.mark.prove
def test_tries_at_the_same_moment_are_no_more_than_five(guest, contact):
    ask_for_code(guest, contact.email)
    code_mailed()
    pending = guest.session["sign_in"]

    def guess():
        with school_scope(contact.school):
            return use_code(email=contact.email, browser=pending["browser"], code="not it", language="en")

    race(*[guess] * 12)
    with school_scope(contact.school):
        assert SignInCode.objects.get().tries == 5


@pytest.mark.spec("C1")
def test_codes_can_be_asked_for_so_often_and_no_more(guest, contact, visitor):
    answers = [ask_for_code(guest, contact.email) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [200] * 2
    assert "That was too often. Try again at" in answers[-1].text
    drain()
    assert len(mail.outbox) == 5
    elsewhere = visitor(contact.school).post(SIGN_IN, {"email": contact.email}, REMOTE_ADDR="198.51.100.9")
    assert elsewhere.status_code == 302


@pytest.mark.spec("C1")
def test_codes_can_be_tried_so_often_and_while_refused_the_right_one_is_too(guest, contact, visitor, monkeypatch):
    monkeypatch.setattr("contacts.limits._TRYING", type("L", (), {"name": "t", "times": 3, "seconds": 60}))
    ask_for_code(guest, contact.email)
    code = code_mailed()
    for _ in range(3):
        guest.post(CODE, {"code": f"{(int(code) + 1) % 1_000_000:06d}"})
    assert "That was too often." in guest.post(CODE, {"code": code}).text
    assert not is_signed_in(guest)


def test_the_code_page_without_an_email_leads_back(guest):
    assert guest.get(CODE).url == SIGN_IN


# --- What ends a session ---


def test_signing_out_ends_this_browser_alone(contact):
    here, there = student_browser(contact), student_browser(contact)
    assert here.get("/sign-out/").status_code == 405
    here.post("/sign-out/")
    assert not is_signed_in(here) and is_signed_in(there)


@pytest.mark.spec("T6")
def test_signing_out_everywhere_ends_every_browser(contact):
    here, there = student_browser(contact), student_browser(contact)
    here.post("/me/sign-out-everywhere/")
    assert not is_signed_in(here) and not is_signed_in(there)


@pytest.mark.spec("T6")
def test_another_email_ends_every_browser(contact):
    browser = student_browser(contact)
    with school_scope(contact.school):
        people.change_contact(contact=contact, facts=ContactFacts(email="new@example.test"), actor=None)
    assert not is_signed_in(browser)


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


def test_a_visit_is_noted_at_most_once_an_hour_and_not_in_the_journal(contact):
    browser = student_browser(contact)

    def seen(instant):
        with clock.at(instant):
            browser.get("/")
        with school_scope(contact.school):
            return Contact.objects.get().last_seen_at

    begun = clock.now()
    assert seen(begun) == begun
    assert seen(begun + timedelta(minutes=59)) == begun
    later = begun + timedelta(minutes=60)
    assert seen(later) == later
    with school_scope(contact.school):
        assert not Event.objects.exclude(kind="contact.created").exists()


def test_a_visitor_costs_no_query_and_a_student_one(contact, visitor, rf):
    plain = visitor(contact.school)
    browser = student_browser(contact)
    browser.get("/robots.txt")
    with CaptureQueriesContext(connection) as by_visitor:
        plain.get("/robots.txt")
    with CaptureQueriesContext(connection) as by_student:
        browser.get("/robots.txt")
    # The session and the contact.
    assert len(by_student) == len(by_visitor) + 2


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


# --- The link in a mail (K10) ---


def path_of(url: str) -> str:
    parts = urlsplit(url)
    assert parts.hostname == "green.localhost"
    return parts.path


@pytest.mark.spec("K10.1: the mailed link fills in the email, and the code opens the course")
def test_the_link_in_a_mail_fills_in_the_email_and_opens_nothing(contact, visitor):
    with school_scope(contact.school):
        url = claim_url(contact.school, contact, "/learn/abc/")
    browser = visitor(contact.school)
    page = browser.get(path_of(url))
    assert f'value="{contact.email}"' in page.text and 'value="/learn/abc/"' in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert not is_signed_in(browser)
    assert sign_in(browser, contact.email, next="/learn/abc/").url == "/learn/abc/"


def test_the_link_leads_on_who_is_signed_in_already(contact):
    with school_scope(contact.school):
        url = claim_url(contact.school, contact, "/me/orders/")
    assert student_browser(contact).get(path_of(url)).url == "/me/orders/"


@pytest.mark.spec("T8")
def test_the_link_holds_no_personal_data_and_belongs_to_its_school(contact, other_school, visitor):
    with school_scope(contact.school):
        url = claim_url(contact.school, contact)
    assert "olena" not in url and "example" not in url
    assert visitor(other_school).get(path_of(url)).status_code == 404
    assert visitor(contact.school).get(path_of(url)[:-3] + "xx/").status_code == 404


def test_a_link_too_old_leads_to_sign_in(contact, visitor, time_machine):
    with school_scope(contact.school):
        url = claim_url(contact.school, contact)
    time_machine.move_to(clock.now() + timedelta(days=61))
    assert visitor(contact.school).get(path_of(url)).url == SIGN_IN
