"""A rendered mail of a school, and the headers that nothing a school writes can break (trust D3)."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.policy import Policy, default
from email.utils import format_datetime, parseaddr
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.template import Context, engines
from django.template.loader import render_to_string
from django.utils import translation

from kwiga.addresses import ENCODED_WORD, validate_address
from schools.mail.sealing import Order
from schools.models import School

_NAME_LENGTH = 64
_SUBJECT_LENGTH = 200
# What turns a name into something that looks like an address or a second one.
_WEB_ADDRESS = re.compile(r"https?://[!-;=?-~]+", re.ASCII)
_NOT_IN_NAMES = frozenset('<>@"\\,;:()[]')


@dataclass(frozen=True, kw_only=True)
class Letter:
    """All that goes over the wire."""

    school_id: int
    to: str
    sender: str
    reply_to: str
    subject: str
    text: str
    html: str
    message_id: str
    written_at: datetime
    unsubscribe_url: str = ""


class _WholeHeader(UnstructuredHeader):
    """A header that mail programs compare as it stands: never folded into encoded words, however long it is."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("List-Unsubscribe", _WholeHeader)  # type: ignore[arg-type]


class SchoolMessage(EmailMultiAlternatives):
    """A message that knows whose it is, for backends that keep schools apart."""

    school_id: int | None = None

    def message(self, *, policy: Any = default) -> Any:
        return super().message(policy=policy.clone(header_factory=_HEADERS))


def write_letter(*, school: School, template: str, order: Order, dedupe_key: str, at: datetime) -> Letter:
    """Render the order in the recipient's language. Text and subject are not escaped, the HTML is."""
    context = {**order.context, "school": school, "language": order.language}
    with translation.override(order.language):
        subject = _plain(f"emails/{template}_subject.txt", context)
        text = _plain(f"emails/{template}.txt", context)
        html = render_to_string(f"emails/{template}.html", context | {"subject": one_line(subject)})
    return Letter(
        school_id=school.pk,
        to=order.to,
        sender=sender_of(school.sender_name or school.name),
        reply_to=_valid(school.contact_email),
        subject=one_line(subject)[:_SUBJECT_LENGTH],
        text=text.strip() + "\n",
        html=html,
        message_id=message_id(school.pk, dedupe_key),
        written_at=at,
        unsubscribe_url=_plain_url(order.unsubscribe_url),
    )


def _plain(name: str, context: dict[str, object]) -> str:
    template = engines["django"].engine.get_template(name)  # type: ignore[attr-defined]
    return str(template.render(Context(context, autoescape=False)))


def message_of(letter: Letter) -> SchoolMessage:
    """The letter as Django sends it."""
    message = SchoolMessage(
        subject=letter.subject,
        body=letter.text,
        from_email=letter.sender,
        to=[letter.to],
        reply_to=[letter.reply_to] if letter.reply_to else None,
        headers={
            "Message-ID": letter.message_id,
            "Date": format_datetime(letter.written_at),
            "Auto-Submitted": "auto-generated",
            **_unsubscribing(letter.unsubscribe_url),
        },
    )
    message.attach_alternative(letter.html, "text/html")
    message.school_id = letter.school_id
    return message


def _unsubscribing(url: str) -> dict[str, str]:
    """The headers of one-click unsubscribing (RFC 8058)."""
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if url else {}


def sender_of(school_name: str) -> str:
    """The platform's address under the school's name; its own when nothing of the name is left."""
    name, address = parseaddr(settings.MAIL_FROM)
    return str(Address(display_name=display_name(school_name) or name, addr_spec=address))


def display_name(text: str) -> str:
    """A name fit for a header: one line, no control or direction characters, nothing that looks like an address."""
    kept = "".join(sign for sign in one_line(text) if sign not in _NOT_IN_NAMES)
    return _undecoded(" ".join(kept.split()))[:_NAME_LENGTH].strip()


def one_line(text: str) -> str:
    """The text with every run of white space as one space, and without control and direction characters.

    What looks like an encoded word is left as it reads, so that no header decodes it.
    """
    spaced = " ".join(text.split())
    return _undecoded("".join(sign for sign in spaced if not unicodedata.category(sign).startswith("C")))


def _undecoded(text: str) -> str:
    return text.replace(ENCODED_WORD, " ".join(ENCODED_WORD))


def message_id(school_id: int, dedupe_key: str) -> str:
    """The same for every try of the same mail, so that a repeat can be recognized."""
    digest = hashlib.sha256(f"{school_id}\0{dedupe_key}".encode()).hexdigest()[:40]
    domain = parseaddr(settings.MAIL_FROM)[1].rpartition("@")[2]
    return f"<{digest}@{domain}>"


def _plain_url(url: str) -> str:
    """The address if it is one of the web in plain signs, so that it ends neither its brackets nor its line."""
    return url if _WEB_ADDRESS.fullmatch(url) else ""


def _valid(address: str) -> str:
    try:
        validate_address(address)
    except ValidationError:
        return ""
    return address
