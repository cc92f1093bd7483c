"""A school's mail: ordered in the transaction, unreadable while it waits, sent outside it, wiped when it is out."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.core import mail as django_mail
from pytest_django import Settings

from kwiga import clock
from schools.mail import InvalidRecipient, queue_mail
from schools.mail.effect import MailEffect
from schools.mail.sealing import rotate_waiting_mail
from schools.mail.sender import send
from schools.models import OutboxRow, School
from schools.outbox.drain import drain
from schools.tenancy.scope import ScopeError, school_scope
from tests.support.database import ROOT
from tests.support.outbox import only_row, rows
from tests.support.smtp import MailServer, mail_server, mailers_for

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])

LINK = "https://root.test/green/invitations/s3cret-token/"


@pytest.fixture(autouse=True)
def letters(settings: Settings) -> None:
    """The templates of tests, beside the product's."""
    (engine,) = settings.TEMPLATES
    settings.TEMPLATES = [engine | {"DIRS": [*engine["DIRS"], ROOT / "tests" / "templates"]}]
    settings.MAIL_FROM = "Platform <no-reply@mail.test>"


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    with mail_server() as server:
        settings.MAILERS = mailers_for(server.port)
        yield server


def order(school: School, key: str = "greeting:1", **changes: Any) -> None:
    facts = {"to": "ivan@example.com", "language": "en", "context": {"name": "Ivan", "link": LINK}, **changes}
    with school_scope(school):
        queue_mail(template="greeting", dedupe_key=key, **facts)


def describe(school: School, **facts: str) -> None:
    """Change what the school says about itself, past the checks of its form."""
    with school_scope(school):
        School.objects.filter(pk=school.pk).update(**facts)


def the_mail(server: MailServer) -> EmailMessage:
    (mail,) = server.mails()
    return mail


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_mail_is_sent_with_both_bodies(school: School, server: MailServer) -> None:
    describe(school, contact_email="hello@green.test", address="1 Main Street")
    order(school)
    assert server.accepted == []
    drain()
    mail = the_mail(server)
    assert (mail["To"], mail["Reply-To"], mail["Auto-Submitted"]) == (
        "ivan@example.com",
        "hello@green.test",
        "auto-generated",
    )
    assert (mail["From"], mail["Subject"]) == ("Green School <no-reply@mail.test>", "January: Ivan & Green School")
    assert body(mail, "plain").startswith(f"Hello Ivan, {LINK}\n")
    assert "1 Main Street" in body(mail, "plain") and "hello@green.test" in body(mail, "html")
    assert f'href="{LINK}"' in body(mail, "html")
    assert abs(mail["Date"].datetime - clock.now()) < timedelta(minutes=1)


def test_the_recipients_language(school: School, server: MailServer) -> None:
    order(school, language="uk")
    drain()
    mail = the_mail(server)
    assert mail["Subject"] == "Січень: Ivan & Green School"
    assert '<html lang="uk">' in body(mail, "html")


def test_text_is_not_escaped_and_html_is(school: School, server: MailServer) -> None:
    order(school, context={"name": "<b>Ann & Bob</b>", "link": "https://x.test/?a=1&b=2"})
    drain()
    mail = the_mail(server)
    assert "Hello <b>Ann & Bob</b>, https://x.test/?a=1&b=2" in body(mail, "plain")
    assert "Hello &lt;b&gt;Ann &amp; Bob&lt;/b&gt;" in body(mail, "html")
    assert mail["Subject"] == "January: <b>Ann & Bob</b> & Green School"


def test_nothing_secret_or_personal_can_be_read_while_it_waits_nor_afterwards(
    school: School, server: MailServer
) -> None:
    order(school)
    waiting = json.dumps(only_row(school).payload)
    drain()
    sent = only_row(school)
    for text in (waiting, json.dumps(sent.payload)):
        assert not any(secret in text for secret in ("ivan", "Ivan", "s3cret-token"))
    assert set(sent.payload) == {"template", "message_id"}
    assert sent.payload["message_id"] == the_mail(server)["Message-ID"]


def test_an_order_moved_to_another_school_does_not_open(
    school: School, other_school: School, server: MailServer
) -> None:
    order(school)
    with school_scope(other_school):
        OutboxRow.objects.create(
            school=other_school, kind="mail", dedupe_key="greeting:1", payload=only_row(school).payload
        )
    drain()
    assert only_row(other_school).last_error == "VaultError"
    assert len(server.accepted) == 1


def test_waiting_mail_survives_a_new_key(school: School, server: MailServer, settings: Settings) -> None:
    order(school)
    old = settings.SECRETS_KEYS
    new = "k2:" + base64.b64encode(b"2" * 32).decode()
    settings.SECRETS_KEYS = f"{new},{old}"
    with school_scope(school):
        assert (rotate_waiting_mail(), rotate_waiting_mail()) == (1, 0)
    settings.SECRETS_KEYS = new
    drain()
    assert the_mail(server)["To"] == "ivan@example.com"
    with school_scope(school):
        assert rotate_waiting_mail() == 0


def test_one_order_for_one_key(school: School, other_school: School, server: MailServer) -> None:
    order(school)
    order(school, to="maria@example.com")
    order(other_school)
    drain()
    assert [str(mail["To"]) for mail in server.mails()] == ["ivan@example.com"] * 2
    assert len(set(server.message_ids())) == 2


def test_a_repeat_has_the_same_message_id(school: School, server: MailServer) -> None:
    """Killed between the server's answer and the record: the mail goes out again and can be told as a repeat."""
    order(school)
    effect = MailEffect()
    with school_scope(school):
        letter = effect.prepare(only_row(school))
    effect.perform(letter)
    drain()
    first, second = server.message_ids()
    assert first == second
    assert first.endswith("@mail.test>")


def test_mail_is_not_sent_inside_a_scope(school: School, server: MailServer) -> None:
    order(school)
    with school_scope(school):
        letter = MailEffect().prepare(only_row(school))
        with pytest.raises(ScopeError):
            send(letter)
    assert server.accepted == []


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b.test\nBcc: c@d.test", "a@b.test\r\nX: y", "a@b.test, c@d.test", "Ann <a@b.test>"]
)
def test_what_is_no_single_address_is_refused_at_once(school: School, address: str) -> None:
    with pytest.raises(InvalidRecipient):
        order(school, to=address)
    assert rows(school) == []


def test_an_unknown_language_is_refused_at_once(school: School) -> None:
    with pytest.raises(ValueError, match="language"):
        order(school, language="tlh")


BREAKS = [
    "\r\nBcc: victim@x.test\r\n\r\nbody",
    "\nBcc: victim@x.test",
    "\rBcc: v@x.test",
    "\u2028Bcc: v@x.test",
    "\u2029Bcc: v@x.test",
    "\x85Bcc: v@x.test",
    "\x0b\x0c\x1c\x1d\x1eBcc: v@x.test",
    "\x01Bcc: v@x.test",
    "\r\n Bcc: v@x.test",
    "\u560d\u560aBcc: v@x.test",  # whose low bytes are CR and LF
    "=?utf-8?q?=0D=0ABcc:_v=40x.test?=",
    "=?utf-8?b?DQpCY2M6IHZAeC50ZXN0?=",
    "=?utf-7?q?+AA0ACg-Bcc:_v=40x.test?=",
    "=\x01?utf-8?q?=00=0A?=",
]


@pytest.mark.spec("D3")
@pytest.mark.parametrize("breaks", BREAKS)
def test_no_field_can_add_a_header(school: School, server: MailServer, breaks: str) -> None:
    describe(
        school, name=f"Green{breaks}", contact_email=f"hello@green.test{breaks}", legal_name=breaks, address=breaks
    )
    order(school, context={"name": f"Ivan{breaks}", "link": breaks}, key=f"greeting:{breaks}")
    drain()
    mail = the_mail(server)
    assert sorted(mail.keys()) == sorted(
        ["Content-Type", "MIME-Version", "Subject", "From", "To", "Message-ID", "Date", "Auto-Submitted"]
    )
    assert mail["To"] == "ivan@example.com"
    assert [address.addr_spec for address in mail["From"].addresses] == ["no-reply@mail.test"]
    for header in ("Subject", "From"):
        assert not any(sign in str(mail[header]) for sign in "\r\n\0\x85\u2028\u2029"), header


@pytest.mark.spec("D3: nothing that a header would decode is written into one")
def test_an_encoded_word_stays_the_letters_it_is_made_of(school: School, server: MailServer) -> None:
    word = "=?utf-8?q?Bank_=3Csupport=40bank.test=3E?="
    describe(school, name=word, contact_email="=?utf-8?q?v=40evil.test=2C?=@x.test")
    order(school, context={"name": word, "link": LINK})
    drain()
    mail = the_mail(server)
    (sender,) = mail["From"].addresses
    assert (sender.addr_spec, sender.display_name) == ("no-reply@mail.test", word.replace("=?", "= ?"))
    assert "bank.test>" not in str(mail["Subject"])
    assert mail["Reply-To"] is None


def test_a_name_cannot_pass_for_an_address(school: School, server: MailServer) -> None:
    describe(school, name='"Bank" <support@bank.test>, \u202eevil\u2066' + "x" * 40)
    order(school)
    drain()
    (sender,) = the_mail(server)["From"].addresses
    assert sender.addr_spec == "no-reply@mail.test"
    assert sender.display_name == "Bank supportbank.test evil" + "x" * 38
    assert len(sender.display_name) == 64


def test_a_name_of_nothing_usable_leaves_the_platforms(school: School, server: MailServer) -> None:
    describe(school, name="\u202e<>")
    order(school)
    drain()
    assert the_mail(server)["From"] == "Platform <no-reply@mail.test>"


@pytest.mark.spec("F13")
def test_mails_wait_while_the_server_is_down_and_go_out_once_in_order(school: School, settings: Settings) -> None:
    with mail_server() as server:
        port = server.port
    settings.MAILERS = mailers_for(port)  # nobody listens there now
    for n in range(12):
        order(school, f"greeting:{n}", context={"name": str(n), "link": LINK})
    at = clock.now()
    for _minute in range(120):
        with clock.at(at):
            drain()
        at += timedelta(minutes=1)
    assert {(row.attempts, row.last_error) for row in rows(school)} == {(0, "Outage: ConnectionRefusedError")}
    with mail_server(port) as server:
        with clock.at(at):
            drain()
        names = [body(mail, "plain").split(",")[0] for mail in server.mails()]
    assert names == [f"Hello {n}" for n in range(12)]


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"RCPT": "550 ivan@example.com is unknown"}, "SMTPRecipientsRefused 550"),
        ({"DATA": "554 no mail for ivan@example.com"}, "SMTPDataError 554"),
        ({"MAIL": "421 come back later, ivan"}, "Outage: SMTPSenderRefused 421"),
        ({"EHLO": "500 no", "HELO": "500 no"}, "Outage: SMTPHeloError 500"),
    ],
)
def test_what_the_server_says_is_kept_without_its_words(
    school: School, server: MailServer, answers: dict[str, str], error: str
) -> None:
    server.answers = answers
    order(school)
    drain()
    row = only_row(school)
    assert (row.last_error, row.done_at) == (error, None)
    assert row.attempts == (0 if error.startswith("Outage") else 1)


def test_a_hanging_server_costs_its_timeout_and_not_the_lease(school: School, server: MailServer) -> None:
    server.delay = 3  # more than the client's 2 s
    order(school)
    drain()
    row = only_row(school)
    assert (row.done_at, row.attempts) == (None, 1)
    assert row.last_error in {"TimeoutError", "SMTPServerDisconnected"}


def test_a_missing_template_is_an_error_of_its_row(school: School, server: MailServer) -> None:
    with school_scope(school):
        queue_mail(template="nowhere", to="a@b.test", language="en", context={}, dedupe_key="x")
    drain()
    assert only_row(school).last_error == "TemplateDoesNotExist"
    assert django_mail.outbox == []
