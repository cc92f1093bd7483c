"""The editor of mails: languages, a look for a chosen contact that equals what is sent, a test to oneself."""

import re

import pytest
from django.core import mail as django_mail

from automations.models import Automation
from contacts.models import SentMail
from schools.mail.effect import MailEffect
from schools.models import OutboxRow
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.automations.pages import COUPON, MAIL, made, steps_of
from tests.factories.contacts import ContactFactory


@pytest.fixture
def automation(school) -> Automation:
    return made(school, trigger="contact.by_hand")


@pytest.fixture
def add(automation) -> str:
    return f"/green/automations/{automation.token}/edit/add/?at=0&kind=mail"


def test_the_language_of_the_school_is_needed_and_others_are_whole_or_empty(school, owner, staff, automation, add):
    client = staff(owner)
    assert "This field is required." in client.post(add, MAIL | {"subject_en": "", "body_en": ""}).text
    half = client.post(add, MAIL | {"subject_uk": "Вам"}).text
    assert "Write subject and text, or leave both empty." in half
    client.post(add, MAIL | {"subject_uk": "Вам", "body_uk": "Вітаю"})
    ((_, said),) = steps_of(school, automation)
    assert sorted(said["texts"]) == ["en", "uk"]
    assert said["texts"]["uk"] == {"subject": "Вам", "body": "Вітаю"}


def test_a_look_writes_nothing_and_speaks_the_language_of_the_contact(school, owner, staff, automation, add):
    ContactFactory(school=school, email="ola@example.test", name="Ola <b>", language="uk")
    typed = MAIL | {"subject_uk": "Для {{ contact.name }}", "body_uk": "Вітаю, {{ contact.name }}", "look": "1"}
    client = staff(owner)
    page = client.post(add, typed | {"look_contact": "Ola@Example.test"}).text
    letter = page[page.index('id="letter"') :]
    assert "Для Ola &lt;b&gt;" in letter
    assert "Вітаю, Ola &lt;b&gt;" in letter
    assert "Olena Sample" in client.post(add, typed | {"look_contact": "nobody@example.test"}).text
    assert "No contact has this email" in client.post(add, typed | {"look_contact": "nobody@example.test"}).text
    assert steps_of(school, automation) == []


@pytest.mark.spec("P7.4")
@pytest.mark.django_db(transaction=True, databases=["default", "relay"])
def test_the_look_equals_the_mail_that_is_sent(school, owner, staff, automation, add):
    person = ContactFactory(school=school, email="ola@example.test", name="Ola & Co")
    body = "Hello {{ contact.name }}, from {{ school.name }}: https://example.test/?who={{ contact.name }}"
    client = staff(owner)
    page = client.post(add, MAIL | {"body_en": body, "look": "1", "look_contact": person.email})
    looked = page.context["letter"]
    client.post(add, MAIL | {"body_en": body})
    client.post(f"/green/automations/{automation.token}/moves/on/")
    client.post(f"/green/automations/{automation.token}/by-hand/", {"contact": person.email})
    drain()
    (sent,) = django_mail.outbox
    assert sent.subject == looked.subject
    unsubscribe = re.compile(r"https?://\S*/unsubscribe/\S*")
    assert unsubscribe.sub("LINK", sent.body) == unsubscribe.sub("LINK", looked.text)


def test_a_test_goes_to_oneself_and_counts_for_nobody(school, owner, staff, automation, add):
    person = ContactFactory(school=school, email="ola@example.test", name="Ola")
    page = staff(owner).post(add, MAIL | {"test": "1", "look_contact": person.email})
    assert f"The mail is on its way to {owner.email}." in page.text
    with school_scope(school):
        row = OutboxRow.objects.get(kind="mail")
        letter = MailEffect().prepare(row)
        assert (letter.to, letter.subject) == (owner.email, "Test: For you, Ola")
        assert not SentMail.objects.exists()
    assert steps_of(school, automation) == []


def test_a_test_of_a_mail_that_is_wrong_is_not_sent(school, owner, staff, add):
    page = staff(owner).post(add, MAIL | {"test": "1", "body_en": "{{ nonsense }}"})
    assert "is no word that can be filled in." in page.text
    with school_scope(school):
        assert not OutboxRow.objects.filter(kind="mail").exists()


def test_a_look_shows_a_coupon_as_the_step_before_would_make_it(school, owner, staff, automation):
    base, client = f"/green/automations/{automation.token}/edit/", staff(owner)
    client.post(f"{base}add/?at=0&kind=coupon", COUPON | {"code": "pattern", "pattern": "GIFT-######"})
    page = client.post(
        f"{base}add/?at=1&kind=mail", MAIL | {"body_en": "{{ coupon.code }} {{ coupon.size }}", "look": "1"}
    )
    letter = page.context["letter"].text
    assert re.search(r"GIFT-[2-9A-Z]{6} 15%", letter)


@pytest.mark.spec("P7.3: the editor lists the words that its place knows")
def test_the_words_of_a_place_are_listed_beside_it(school, owner, staff, automation):
    base, client = f"/green/automations/{automation.token}/edit/", staff(owner)
    client.post(f"{base}add/?at=0&kind=coupon", COUPON)

    def listed(at: int, kind: str) -> set[str]:
        page = client.get(f"{base}add/?at={at}&kind={kind}")
        return {word for word, _meaning in page.context["form"].words if f"<code>{word}</code>" in page.text}

    before, behind, outside = listed(0, "mail"), listed(1, "mail"), listed(1, "webhook")
    assert "{{ contact.name }}" in before and "{{ coupon.code }}" not in before
    assert "{{ coupon.code }}" in behind and "{{ order.number }}" not in behind
    assert "{{ coupon.code }}" in outside and "{{ unsubscribe_link }}" not in outside
    client.post(f"{base}trigger/", {"trigger": "order.paid", "offer": ""})
    assert "{{ order.number }}" in listed(0, "mail")


def test_people_are_suggested_by_the_beginning_of_their_names(school, owner, staff):
    ContactFactory(school=school, email="ola@example.test", name="Ola Kovalenko")
    client = staff(owner)
    assert "ola@example.test" in client.get("/green/automations/people/?look_contact=koval").text
    assert "ola@example.test" not in client.get("/green/automations/people/?look_contact=").text
