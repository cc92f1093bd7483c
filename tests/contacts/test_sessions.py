"""The session of a student: whose it is, what ends it, and what it costs."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from contacts.services import people
from contacts.services.people import ContactFacts
from kwiga import clock
from schools.models import Event
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory, student_browser
from tests.support.students import CODE, ask_for_code, code_mailed, is_signed_in

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])


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
