"""A guest pays first and comes in afterwards (K10), from the mail to the lesson."""

import re
from urllib.parse import urlsplit

import pytest
from django.core import mail

from contacts.models import Contact
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.offers import PublishedOfferFactory, whole_course
from tests.factories.orders import PaidOrderFactory
from tests.support.students import CODE, SIGN_IN, code_mailed, is_signed_in

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])


def hidden(name: str, html: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*name="{name}"', html)
    return (found[1] or found[2]) if found else ""


@pytest.mark.spec("K10.1: the link in the mail and the code open what was bought")
def test_a_guest_comes_in_by_the_mail_and_opens_the_lesson(school, visitor):
    with school_scope(school):
        assert not Contact.objects.exists()
    order = PaidOrderFactory(school=school, email="Guest@example.test", name="Guest")
    drain()
    letters = [letter for letter in mail.outbox if letter.to[0].lower() == "guest@example.test"]
    link = next(found for letter in letters if (found := re.search(r"http\S+/claim/\S+", str(letter.body))))
    browser = visitor(school)
    page = browser.get(urlsplit(link[0]).path).text
    assert not is_signed_in(browser)
    browser.post(SIGN_IN, {"email": hidden("email", page), "next": hidden("next", page)})
    landed = browser.post(CODE, {"code": code_mailed()}, follow=True)
    assert landed.status_code == 200 and "/sign-in/" not in landed.redirect_chain[-1][0]
    assert order.number in browser.get("/me/orders/").text
    assert "Sample course" in browser.get("/me/").text


@pytest.mark.spec("K10.2: the order joins the known contact, who is not signed in by it")
def test_an_order_with_a_known_email_is_in_that_account(school, visitor):
    known = ContactFactory(school=school, email="known@example.test", name="Known")
    offer = PublishedOfferFactory(school=school, items=(whole_course(school),))
    order = PaidOrderFactory(offer=offer, email=" KNOWN@example.test", name="Somebody")
    with school_scope(school):
        order.refresh_from_db()
        assert order.contact_id == known.pk
        known.refresh_from_db()
        assert known.name == "Known" and known.verified_at is None
