"""A person who asks to be forgotten is: in every table, history, cache, mailbox and file; the books stay (D8)."""

import logging
from datetime import timedelta

import pytest

from automations.models import TelegramChannel, TelegramMessage
from automations.telegram import say
from contacts.models import Contact, Suppression
from contacts.services.consent import suppressed
from contacts.services.erasing import erase_contact
from kwiga import clock
from schools.invariants import check_invariants
from schools.mail import queue_mail
from schools.models import Event, OutboxRow
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.contacts.canary import (
    EMAIL,
    NAME,
    OLD,
    books,
    has_sign,
    live_through,
    personal_columns,
    sealed_traces,
    traces,
)
from tests.contacts.test_imports import imported
from tests.factories.contacts import ContactFactory, student_browser
from tests.support.students import ask_for_code

# Two letters each: no sign fits in, so they are looked at by themselves. Sessions are packed.
ELSEWHERE = {f"contacts_contact{kind}.{name}" for kind in ("", "event") for name in ("language", "country")}
ELSEWHERE |= {"django_session.session_data"}
everywhere = pytest.mark.django_db(transaction=True, databases=["default", "ops", "relay"])


@everywhere
@pytest.mark.spec("D8")
@pytest.mark.timeout(120)
def test_no_canary_is_left_anywhere_and_the_books_are_as_they_were(
    school, owner, staff, visitor, kept_mail, server, caplog
):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    contact = live_through(school, visitor, server)
    drain()
    found = {trace.split()[0] for trace in traces()}
    # It is in everything that can hold a name, or what follows proves less than it says.
    assert (personal_columns() - ELSEWHERE | {"sessions", "file", "mail"}) - found == set()
    assert sealed_traces(school) == {"webhook", "telegram"}
    before = books(school)
    browser = student_browser(contact)
    response = staff(owner).post(f"/green/contacts/{contact.token}/erasure/", {"typed": EMAIL.upper()})
    assert response.status_code == 302, response.text
    drain()
    with clock.at(clock.now() + timedelta(hours=2)):
        drain()  # the call that was to be tried again
    assert traces() == []
    assert sealed_traces(school) == set()
    assert books(school) == before
    assert [finding for finding in check_invariants() if finding.rows] == []
    assert not has_sign("\n".join(str(record.__dict__) for record in caplog.records))
    assert browser.get("/me/").status_code == 302
    with school_scope(school):
        erased = Contact.objects.get(pk=contact.pk)
        assert erased.erased_at and erased.email == f"erased-{erased.pk}@erased.invalid"
        assert (erased.language, erased.country) == ("", "")
        assert Event.objects.get(kind="contact.erased").actor == owner
        assert set(Suppression.objects.values_list("reason", flat=True)) == {"erased"}
        assert suppressed(EMAIL) and suppressed(OLD)
        assert not Contact.objects.exclude(pk=contact.pk).filter(email=EMAIL).exists()
    imported(school, f"email,name\n{EMAIL},{NAME}\n", agreed=True)
    with school_scope(school):
        assert not Contact.objects.filter(email=EMAIL).exists()


@everywhere
def test_an_erased_contact_cannot_sign_in(school, contact, visitor, mailoutbox):
    with school_scope(school):
        erase_contact(contact=contact, actor=None)
    for email in ("olena@example.test", f"erased-{contact.pk}@erased.invalid"):
        ask_for_code(visitor(school), email)
    drain()
    assert mailoutbox == []


@pytest.mark.spec("D8: what waits for the team and names them is not sent; others of that name keep their mail")
def test_the_team_is_told_nothing_more_of_them(scope, contact, owner):
    for to, text in ((owner.email, "OLENA did it"), (owner.email, "Olenka did it"), ("b@x.test", "Dear Olena")):
        context = {"text": text, "automation": "Hello", "link": "https://x.test/"}
        queue_mail(template="staff_notice", to=to, language="en", context=context, dedupe_key=text)
    erase_contact(contact=contact, actor=None)
    mails = OutboxRow.objects.filter(kind="mail").order_by("pk")
    assert [(row.dedupe_key, row.payload == {}) for row in mails] == [
        ("OLENA did it", True),
        ("Olenka did it", False),
        ("Dear Olena", False),
    ]
    assert [row.done_at is None for row in mails] == [False, True, True]


def test_a_sentence_that_nobody_can_read_goes_as_well(scope, contact):
    channel = TelegramChannel.objects.create(school=scope, name="Team", chat_id="-1")
    say(channel=channel, text="Petro did it", dedupe_key="readable")
    lost = TelegramMessage.objects.create(school=scope, channel=channel, dedupe_key="lost", text="gone:c2VhbGVk")
    erase_contact(contact=contact, actor=None)
    assert list(TelegramMessage.objects.filter(dropped_at=None).values_list("dedupe_key", flat=True)) == ["readable"]
    lost.refresh_from_db()
    assert lost.text == ""


def test_a_second_time_does_nothing(school, contact):
    with school_scope(school):
        for _time in range(2):
            erase_contact(contact=contact, actor=None)
        assert Event.objects.filter(kind="contact.erased").count() == 1


def test_others_keep_what_is_theirs(school):
    other = ContactFactory(school=school, email="other@x.test", name="Olena")
    gone = ContactFactory(school=school, email="gone@x.test", name="Olena")
    with school_scope(school):
        erase_contact(contact=gone, actor=None)
        kept = Contact.objects.get(pk=other.pk)
        assert (kept.name, kept.email, kept.history.first().name) == ("Olena", "other@x.test", "Olena")


def test_the_email_has_to_be_typed(school, owner, staff, contact):
    client, address = staff(owner), f"/green/contacts/{contact.token}/erasure/"
    assert "cannot be undone" in client.get(address).text
    for typed in ("", "else@example.test"):
        assert client.post(address, {"typed": typed}).status_code == 200
    with school_scope(school):
        assert Contact.objects.get().erased_at is None
    client.post(address, {"typed": " Olena@Example.test "})
    assert client.get(address).status_code == 404
    with school_scope(school):
        assert Contact.objects.get().erased_at
