"""Contacts are found or made, and changed, by their verbs."""

import pytest
from django.db import IntegrityError, transaction

from contacts.emails import normalize_email
from contacts.models import Contact
from contacts.services.people import ContactFacts, EmailTaken, add_contact, change_contact, recognize_contact
from schools import search
from schools.models import Event
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory

FACTS = ContactFacts(email="olena@example.test", name="Olena")


@pytest.mark.parametrize("typed", [" A@x.com", "a@X.COM ", "\u200ba@x.com", "a@x.com\t", "A@X.com"])
@pytest.mark.spec("K10.4: the same person however the email is typed")
def test_an_email_is_one_however_it_is_typed(typed, scope):
    first = recognize_contact(email="a@x.com")
    assert recognize_contact(email=typed) == first
    assert normalize_email(typed) == "a@x.com"


def test_a_plus_tag_makes_another_person(scope):
    assert recognize_contact(email="a+b@x.com") != recognize_contact(email="a@x.com")


def test_a_new_email_makes_a_contact_once(scope):
    contact = recognize_contact(email="new@x.com", name="  New   Person ", phone="+48 500", language="pl")
    assert (contact.name, contact.phone, contact.language) == ("New Person", "+48 500", "pl")
    assert recognize_contact(email="new@x.com", name="New Person") == contact
    assert [event.kind for event in Event.objects.filter(subject_kind="contact")] == ["contact.created"]


def test_what_is_known_is_kept_and_what_is_missing_filled(scope):
    recognize_contact(email="a@x.com", name="First")
    contact = recognize_contact(email="a@x.com", name="Second", phone="123", external_id="77")
    assert (contact.name, contact.phone, contact.external_id) == ("First", "123", "77")
    changed = Event.objects.get(kind="contact.changed")
    assert changed.data == {"fields": ["external_id", "phone"]}


@pytest.mark.spec("K08.1: the same email in two schools is two people")
def test_the_same_email_in_two_schools_is_two_contacts(school, other_school):
    here, there = ContactFactory(school=school, email="a@x.com"), ContactFactory(school=other_school, email="a@x.com")
    assert here.pk != there.pk
    with school_scope(school):
        change_contact(contact=here, facts=ContactFacts(email="a@x.com", name="Changed"), actor=None)
        assert list(Contact.objects.all()) == [here]
    with school_scope(other_school):
        assert Contact.objects.get().name == there.name


def test_an_email_is_taken_once(scope):
    add_contact(facts=FACTS, actor=None)
    with pytest.raises(EmailTaken):
        add_contact(facts=ContactFacts(email=" OLENA@example.test"), actor=None)
    other = add_contact(facts=ContactFacts(email="other@example.test"), actor=None)
    with pytest.raises(EmailTaken):
        change_contact(contact=other, facts=FACTS, actor=None)
    other.refresh_from_db()
    assert other.email == "other@example.test"


def test_the_database_itself_refuses_an_email_that_is_not_folded(scope):
    with pytest.raises(IntegrityError, match="email_folded"), transaction.atomic():
        Contact.objects.create(school=scope, email="Olena@example.test")


def test_another_email_ends_the_sessions_and_other_changes_do_not(scope):
    contact = add_contact(facts=FACTS, actor=None)
    named = change_contact(contact=contact, facts=ContactFacts(email=FACTS.email, name="O."), actor=None)
    assert named.session_version == contact.session_version
    moved = change_contact(contact=contact, facts=ContactFacts(email="o@example.test", name="O."), actor=None)
    assert moved.session_version == contact.session_version + 1
    assert moved.verified_at is None


def test_no_change_writes_no_journal(scope):
    contact = add_contact(facts=FACTS, actor=None)
    change_contact(contact=contact, facts=FACTS, actor=None)
    assert not Event.objects.filter(kind="contact.changed").exists()


def test_a_contact_is_found_by_its_words_of_today(scope):
    contact = add_contact(facts=FACTS, actor=None)
    change_contact(contact=contact, facts=ContactFacts(email="new@example.test", name="Olena Koval"), actor=None)

    def found(text):
        return all(hits.filter(object_id=contact.pk).exists() for hits in search.found("contact", text))

    assert found("kov") and found("new@ex") and found("olena koval")
    assert not found("olena@example")


def test_the_journal_holds_no_personal_data(scope):
    contact = recognize_contact(email="secret@example.test", name="Secret Name", phone="12345")
    change_contact(contact=contact, facts=ContactFacts(email="other@example.test", name="Other"), actor=None)
    kept = repr(list(Event.objects.values_list("data", flat=True)))
    assert not any(word in kept.lower() for word in ("secret", "other@", "12345"))
