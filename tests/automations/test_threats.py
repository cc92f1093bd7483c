"""Hostile names go through every step of one automation at once: each way out says them as words (D2, D3)."""

import json

import pytest
from django.conf import settings as store
from django.core import mail as django_mail

from automations.models import TelegramChannel, TelegramMessage
from automations.sealing import unseal
from contacts.models import Contact, ContactTag
from contacts.services.people import recognize_contact
from kwiga import clock
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory, mail
from tests.support.receiver import receiver

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])

NAMES = [
    # read as a template
    "{{ settings.SECRET_KEY }}",
    "{{ contact.email }}{{ order.number }}",
    "{{ contact.__class__.__mro__ }}",
    "{{ {{ contact.email }} }}",
    "{{ contact.name|safe }}{# x #}",
    "{% include 'emails/layout.html' %}{% debug %}",
    "{0.__init__.__globals__}{contact.email!r:>99}",
    "%(email)s %s %n ${email} #{email} `id` $(id)",
    # out of a value of JSON
    '", "admin": true, "x": "',
    "\\",
    '\\", "admin": 1}//',
    "\\u0022,\\u0022admin\\u0022:1",
    "</script><script>alert(1)</script>",
    "a\u2028b\u2029c",
    # out of a header or an address
    "A\r\nBcc: victim@x.test\r\n\r\nbody",
    "A\nX-Admin: 1",
    "A\r\n X-Admin: 1",
    "A\x85X-Admin: 1",
    "=?utf-8?q?=0D=0ABcc:_victim=40x.test?=",
    "&admin=1#?/../@evil.test",
    "\u202eevil\u2066",
]
WORD = "[{{ contact.name }}]"
HEADERS = {"host", "accept-encoding", "content-length", "content-type", "user-agent", "x-who"}
SIGNED = {"webhook-id", "webhook-timestamp", "webhook-signature"}


@pytest.fixture
def told(school, settings):
    """What each way out said, by the email of the contact."""
    with school_scope(school):
        later = clock.now().replace(year=2100)
        channel = TelegramChannel.objects.create(school=school, name="Team", chat_id="-1", quiet_until=later)
    with receiver() as server:
        settings.OUTBOUND_ALLOW = [server.host]
        body = json.dumps({"who": {"email": "{{ contact.email }}", "name": WORD}, "admin": False})
        call = {"url": f"{server.url}/hook?name={WORD}&end=1", "headers": [["X-Who", WORD]], "body": body}
        steps = (
            mail(f"Hello {WORD}", subject=f"News {WORD}", is_news=False),
            ("webhook", call),
            ("notify", {"by": "telegram", "channel": channel.token, "text": WORD}),
            ("notify", {"by": "mail", "channel": "", "text": WORD}),
            ("tag", {"tag": WORD}),
        )
        AutomationFactory(school=school, steps=steps)
        with school_scope(school):
            for number, name in enumerate(NAMES):
                contact = recognize_contact(email=f"n{number}@x.test")
                Contact.objects.filter(pk=contact.pk).update(name=name)
        drain()
        yield server.heard


@pytest.mark.spec("D2: a name is words in a mail, a call, a message and a tag")
@pytest.mark.spec("D3: a name adds no header to a mail or a call")
def test_a_hostile_name_is_words_on_every_way_out(told, school, owner):
    letters = {letter.to[0]: letter for letter in django_mail.outbox if letter.to[0] != owner.email}
    calls = {heard.said["who"]["email"]: heard for heard in told}
    assert len(letters) == len(calls) == len(NAMES)
    for number, name in enumerate(NAMES):
        email = f"n{number}@x.test"
        assert f"Hello [{name}]" in letters[email].body.replace("\r\n", "\n") or "\r" in name
        headers = letters[email].message()
        assert "Bcc" not in headers and "X-Admin" not in headers
        assert not any(sign in str(headers["Subject"]) for sign in "\r\n\x85\u2028\u2029")
        heard = calls[email]
        assert heard.said == {"who": {"email": email, "name": f"[{name}]"}, "admin": False}
        assert set(heard.headers) <= HEADERS | SIGNED
        assert heard.query == {"name": f"[{name}]", "end": "1"}
    with school_scope(school):
        said = {unseal(row.text, f"telegram:{row.dedupe_key}") for row in TelegramMessage.objects.all()}
        assert said == {f"[{name}]" for name in NAMES}
        assert set(ContactTag.objects.values_list("tag__name", flat=True)) == {WORD}
    team = [letter for letter in django_mail.outbox if letter.to[0] == owner.email]
    assert len(team) == len(NAMES)
    everything = " ".join(f"{letter.subject} {letter.body} {letter.alternatives}" for letter in django_mail.outbox)
    assert store.SECRET_KEY not in everything
    assert "<script>" not in " ".join(html for letter in django_mail.outbox for html, _kind in letter.alternatives)
