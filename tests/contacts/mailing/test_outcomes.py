"""What the mail server says is written down: sent, refused by the address, or given up."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django import Settings

from contacts.mailing.news import queue_news, queue_notice
from contacts.models import Contact, SentMail, Suppression
from contacts.services.consent import suppressed, unsubscribe
from kwiga import clock
from schools.models import Event, OutboxRow, School
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.support.outbox import only_row
from tests.support.smtp import MailServer, mail_server, mailers_for

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])

UNKNOWN = {"RCPT": "550 5.1.1 nobody here"}


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    with mail_server() as server:
        settings.MAILERS = mailers_for(server.port)
        yield server


def order(contact: Contact, **changes: str) -> None:
    texts = {"subject": "Hello", "body": "First.\n\nSecond.", "dedupe_key": "news:1"} | changes
    with school_scope(contact.school_id):
        queue_news(contact=contact, at=clock.now(), **texts)


def state_of(contact: Contact) -> str:
    with school_scope(contact.school_id):
        return SentMail.objects.get(contact=contact).state


def is_bounced(contact: Contact) -> bool:
    with school_scope(contact.school_id):
        contact.refresh_from_db()
        return contact.bounced_at is not None and suppressed(contact.email)


def drain_until_over(contact: Contact) -> None:
    at = clock.now()
    for minute in range(0, 60, 6):
        with clock.at(at + timedelta(minutes=minute)):
            drain()


@pytest.mark.spec("D3: news carry the headers of one-click unsubscribing")
def test_news_carry_the_way_out_in_headers_and_text(contact, server):
    order(contact)
    drain()
    (mail,) = server.mails()
    (url,) = str(mail["List-Unsubscribe"]).removeprefix("<").removesuffix(">").split()
    assert url.startswith("http://green.") and "/unsubscribe/" in url
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert url in plain and f'href="{url}"' in html
    assert "<p>First.</p>" in html
    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in server.accepted[0], "in plain signs and in one piece"
    assert state_of(contact) == "sent"


def test_a_notice_carries_none(contact, server):
    with school_scope(contact.school_id):
        queue_notice(contact=contact, subject="Order", body="Text", dedupe_key="notice:1", at=clock.now())
    drain()
    (mail,) = server.mails()
    assert mail["List-Unsubscribe"] is None
    assert state_of(contact) == "sent"


@pytest.mark.spec("D3")
@pytest.mark.parametrize("breaks", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x00"])
@pytest.mark.parametrize("field", ["subject", "body"])
def test_no_field_of_news_can_add_a_header(contact, server, field, breaks):
    order(contact, **{field: f"Hello{breaks}Bcc: victim@x.test{breaks}{breaks}Body"})
    drain()
    (mail,) = server.mails()
    assert set(mail.keys()) == {
        *("Content-Type", "MIME-Version", "Subject", "From", "To", "Message-ID", "Date", "Auto-Submitted"),
        *("List-Unsubscribe", "List-Unsubscribe-Post"),
    }
    assert [address.addr_spec for address in mail["To"].addresses] == [contact.email]


def test_what_a_contact_says_of_themselves_does_not_become_markup(contact, server):
    order(contact, body="Hello <b>Ivan</b> <script>alert(1)</script>")
    drain()
    html = server.mails()[0].get_body(("html",)).get_content()
    assert "&lt;script&gt;" in html and "<b>" not in html


def test_an_address_that_is_refused_gets_no_second_try_and_no_news_again(contact, server):
    server.answers = dict(UNKNOWN)
    order(contact)
    drain()
    row = only_row(contact.school, kind="mail")
    assert (row.attempts, row.done_at is not None, row.payload) == (1, True, {"template": "news"})
    assert (state_of(contact), is_bounced(contact)) == ("bounced", True)
    with school_scope(contact.school_id):
        assert Suppression.objects.get().reason == "bounced"
        assert Event.objects.filter(kind="contact.bounced").count() == 1


@pytest.mark.parametrize(
    "answer", ["450 4.2.0 greylisted", "550 5.7.1 your network is on a list", "552 5.2.2 the mailbox is full"]
)
def test_what_passes_or_is_about_the_sender_does_not_count_against_the_address(contact, server, answer):
    server.answers = {"RCPT": answer}
    order(contact)
    drain()
    assert (state_of(contact), is_bounced(contact)) == ("queued", False)
    server.answers = {}
    drain_until_over(contact)
    assert (state_of(contact), len(server.mails())) == ("sent", 1)


def test_the_last_attempt_is_told(contact, server):
    server.answers = {"DATA": "554 no"}
    order(contact)
    drain_until_over(contact)
    assert only_row(contact.school, kind="mail").dead_at is not None
    assert (state_of(contact), is_bounced(contact)) == ("failed", False)


def test_a_mail_that_is_no_contacts_news_stays_where_the_team_sees_it(contact, server):
    from contacts.services.invitations import send_sign_in_link

    server.answers = dict(UNKNOWN)
    with school_scope(contact.school_id):
        send_sign_in_link(school=contact.school, contact=contact, actor=None)  # type: ignore[arg-type]
    drain()
    row = only_row(contact.school, kind="mail")
    assert (row.dead_at is not None, row.attempts, row.last_error) == (True, 1, "SMTPRecipientsRefused 550")
    assert is_bounced(contact)


def test_who_left_while_the_mail_waited_does_not_get_it(contact, server):
    order(contact)
    with school_scope(contact.school_id):
        unsubscribe(contact=contact)
    drain()
    assert (server.mails(), state_of(contact)) == ([], "failed")
    assert only_row(contact.school, kind="mail").payload == {"template": "news"}


def test_a_mail_of_somebody_who_is_gone_is_dropped(contact, server):
    order(contact)
    with school_scope(contact.school_id):
        SentMail.objects.all().delete()
    drain()
    assert (server.mails(), only_row(contact.school, kind="mail").payload) == ([], {"template": "news"})


def test_a_mail_that_waited_into_the_night_waits_for_the_morning(contact, server):
    order(contact)
    with school_scope(contact.school_id):
        local = clock.now().astimezone(contact.school.time_zone)
        hours = {"quiet_from": _near(local, -1), "quiet_until": _near(local, 1)}
        School.objects.filter(pk=contact.school_id).update(**hours)
    drain()
    row = only_row(contact.school, kind="mail")
    assert (server.mails(), row.attempts, row.done_at) == ([], 0, None)
    with clock.at(row.available_at):
        drain()
    assert len(server.mails()) == 1
    with school_scope(contact.school_id):
        assert OutboxRow.objects.get(kind="mail").done_at is not None


def _near(local, hours):
    return (local + timedelta(hours=hours)).time().replace(second=0, microsecond=0)


@pytest.mark.spec("F13: mails to one contact keep their order, whichever is held up")
def test_a_later_mail_waits_for_an_earlier_one(contact, server):
    at = clock.now()
    order(contact, subject="First")
    order(contact, subject="Second", dedupe_key="news:2")
    with school_scope(contact.school_id):
        OutboxRow.objects.filter(dedupe_key="news:1").update(available_at=at + timedelta(minutes=5))
    drain()
    assert server.mails() == []
    with clock.at(at + timedelta(minutes=5)):
        drain()
    assert [mail["Subject"] for mail in server.mails()] == ["First", "Second"]
