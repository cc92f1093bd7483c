"""The link in news ends them, asks before it does, and can be taken back; it needs no sign-in and tells nothing."""

import pytest
from django.test import Client

from contacts.mailing.links import read_wish, unsubscribe_url
from contacts.models import Contact, Suppression
from contacts.services.consent import mark_bounced, suppressed
from schools.models import Event
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory


def path_for(contact: Contact) -> str:
    with school_scope(contact.school_id):
        url = unsubscribe_url(contact.school, contact)
    return "/" + url.split("/", 3)[3]


def wants_news(contact: Contact) -> bool:
    with school_scope(contact.school_id):
        contact.refresh_from_db()
        return contact.unsubscribed_at is None and not suppressed(contact.email)


def test_a_look_changes_nothing_and_shows_a_button(guest, contact):
    answer = guest.get(path_for(contact))
    assert "No more news?" in answer.text and 'method="post"' in answer.text
    assert contact.email not in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    guest.head(path_for(contact))
    assert wants_news(contact)


def test_the_button_ends_the_news(guest, contact):
    answer = guest.post(path_for(contact))
    assert "You get no more news" in answer.text
    assert not wants_news(contact)
    assert "You get no more news" in guest.get(path_for(contact)).text


@pytest.mark.spec("D3: one-click unsubscribing by the mail program, RFC 8058")
def test_a_mail_program_ends_them_by_one_post_without_cookie_or_page(contact):
    program = Client(headers={"host": f"{contact.school.slug}.localhost"}, enforce_csrf_checks=True)
    for _repeat in range(2):
        answer = program.post(path_for(contact), {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert not wants_news(contact)
    with school_scope(contact.school_id):
        assert Event.objects.filter(kind="contact.unsubscribed").count() == 1


def test_it_can_be_taken_back(guest, contact):
    guest.post(path_for(contact))
    answer = guest.post(f"{path_for(contact)}back/")
    assert "You get news again" in answer.text
    assert wants_news(contact)


def test_taking_back_needs_the_page(contact):
    program = Client(headers={"host": f"{contact.school.slug}.localhost"}, enforce_csrf_checks=True)
    program.post(path_for(contact))
    assert program.post(f"{path_for(contact)}back/").status_code == 403
    assert program.get(f"{path_for(contact)}back/").status_code == 405
    assert not wants_news(contact)


@pytest.mark.parametrize("change", [lambda path: path[:-3] + "x/", lambda path: "/unsubscribe/nonsense/"])
def test_a_forged_link_is_none(guest, contact, change):
    for method in (guest.get, guest.post):
        assert method(change(path_for(contact))).status_code == 404
    assert wants_news(contact)


def test_the_link_of_another_school_is_none(guest, contact, other_school):
    foreign = ContactFactory(school=other_school)
    assert guest.post(path_for(foreign)).status_code == 404
    assert wants_news(foreign)


def test_the_link_of_somebody_who_is_gone_still_keeps_news_away(guest, contact):
    path = path_for(contact)
    with school_scope(contact.school_id):
        Contact.objects.filter(pk=contact.pk).delete()
    assert "You get no more news" in guest.post(path).text
    assert guest.post(f"{path}back/").status_code == 404
    with school_scope(contact.school_id):
        assert suppressed("OLENA@example.test ")
        assert Suppression.objects.get().reason == Suppression.Reason.UNSUBSCRIBED


def test_after_another_email_the_link_is_still_that_persons(guest, contact):
    path = path_for(contact)
    with school_scope(contact.school_id):
        Contact.objects.filter(pk=contact.pk).update(email="new@example.test")
    guest.post(path)
    assert not wants_news(contact)


def test_the_link_names_nobody(contact, scope):
    url = unsubscribe_url(scope, contact)
    assert contact.email not in url and contact.token not in url
    wish = read_wish(url.rstrip("/").rpartition("/")[2], scope)
    assert wish and wish.contact == contact


def test_an_address_that_bounced_once_may_be_tried_again_when_its_owner_says_so(guest, contact):
    with school_scope(contact.school_id):
        mark_bounced(contact=contact)
    guest.post(f"{path_for(contact)}back/")
    with school_scope(contact.school_id):
        assert Contact.objects.get(pk=contact.pk).bounced_at is None
        assert not suppressed(contact.email)


def test_the_page_speaks_the_language_of_the_contact_unless_another_one_was_chosen(guest, contact):
    with school_scope(contact.school_id):
        Contact.objects.filter(pk=contact.pk).update(language="uk")
    answer = guest.get(path_for(contact))
    assert '<html lang="uk"' in answer.text and answer.headers["Content-Language"] == "uk"
    assert "No more news?" not in answer.text
    guest.cookies["django_language"] = "en"
    answer = guest.get(path_for(contact))
    assert '<html lang="en"' in answer.text and "No more news?" in answer.text
