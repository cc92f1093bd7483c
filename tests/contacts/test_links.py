"""The link in a mail fills in who is meant and opens nothing (K10)."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from contacts.links import claim_url
from kwiga import clock
from schools.tenancy.scope import school_scope
from tests.factories.contacts import student_browser
from tests.support.students import SIGN_IN, is_signed_in, sign_in

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])


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
