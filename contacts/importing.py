"""Lines of a file read as contacts: which column is what, and what a line says, judged by the rules of the form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contacts.emails import normalize_email
from contacts.exports import TITLES
from contacts.mailing.suppression import email_digest
from contacts.models import Contact, ContactField, ContactImportLine, ContactTag, ContactValue, Suppression
from contacts.services.tags import TAG_LENGTH
from contacts.values import ValueRefused, read_flag, read_value
from kwiga.addresses import validate_address
from kwiga.csv import FileRefused, Limits, read_table
from kwiga.errors import DomainError

LIMITS = Limits(rows=50_000, megabytes=20)
FIELD = "field:"
FACTS = ("name", "phone", "language", "country", "external_id")
TARGETS = ("email", *FACTS, "tags", "news")
# What other tools call these columns; our own exports are read by key and by title.
_KNOWN_AS = {
    "email": ("e-mail", "mail", "email address", "пошта", "електронна пошта", "ел. пошта", "почта", "adres e-mail"),
    "name": ("full name", "ім’я", "ім'я", "піб", "имя", "фио", "imię i nazwisko", "imię"),
    "phone": ("phone number", "tel", "телефон", "telefon"),
    "language": ("lang", "мова", "язык", "język"),
    "country": ("країна", "страна", "kraj"),
    "external_id": ("id", "external id", "user id"),
    "tags": ("tag", "теги", "тег", "мітки", "tagi"),
    "news": ("subscribed", "consent", "згода", "підписка", "zgoda"),
}
_STOPS = {"unsubscribed": "unsubscribed_at", "bounced": "bounced_at"}
State = ContactImportLine.State
type Cells = Mapping[str, str]


class LineRefused(DomainError):
    """A line that no contact can be made of."""


@dataclass(frozen=True)
class Table:
    """A file: the titles of its columns, each once, and its lines by title."""

    columns: list[str]
    lines: list[dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a line says of one person; empty texts say nothing. `news`: whether they want any, None when not said."""

    email: str
    facts: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    news: bool | None = None


@dataclass
class Known:
    """What the school knows of the people of some lines. Of a person that a line adds, the next line knows too."""

    contacts: dict[str, Contact]
    refusals: dict[str, str]  # email -> reason of its suppression
    values: dict[tuple[str, int], Mapping[str, Any]]
    tags: set[tuple[str, str]]
    members: set[str]
    fresh: set[str] = field(default_factory=set)  # made just now, by the lines themselves

    def learn(self, other: "Known") -> None:
        """Know what the other one knows too, of other people."""
        self.contacts |= other.contacts
        self.refusals |= other.refusals
        self.values |= other.values
        self.tags |= other.tags
        self.members |= other.members


def read_file(content: bytes) -> Table:
    """The table of a CSV file. Raises FileRefused."""
    lines = read_table(content, LIMITS)
    if len(lines) < 2:
        raise FileRefused(_("The file has no line below its head."))
    width = max(map(len, lines))
    columns = _titles(lines[0] + [""] * (width - len(lines[0])))
    return Table(columns, [dict(zip(columns, line, strict=False)) for line in lines[1:]])


def detected(columns: Sequence[str], fields: Sequence[ContactField]) -> dict[str, str]:
    """What each column is, by its title; each target once, and nothing for a column that nobody knows."""
    names = {name: target for target, known in _KNOWN_AS.items() for name in known}
    names |= {target: target for target in TARGETS}
    names |= {str(title).casefold(): target for target, title in TITLES.items() if target in TARGETS}
    names |= {each.label.casefold(): f"{FIELD}{each.token}" for each in fields}
    mapping: dict[str, str] = {}
    for column in columns:
        target = names.get(column.casefold(), "")
        if target and target not in mapping.values():
            mapping[column] = target
    return mapping


def said_in(cells: Cells, mapping: Mapping[str, str], fields: Mapping[str, ContactField]) -> Said:
    """What a line says by this mapping; `fields` by their tokens. Raises LineRefused with the reason."""
    typed = {target: cells.get(column, "").strip() for column, target in mapping.items() if target}
    values = {}
    try:
        for target, text in typed.items():
            each = fields.get(target.removeprefix(FIELD)) if target.startswith(FIELD) and text else None
            if each:
                values[each.pk] = read_value(each, text)
        news = read_flag(typed["news"]) if typed.get("news") else None
    except ValueRefused as error:
        raise LineRefused(str(error)) from error
    facts = {name: _fact(name, typed[name]) for name in FACTS if typed.get(name)}
    return Said(email=_email(typed.get("email", "")), facts=facts, values=values, tags=_tags(typed), news=news)


def known_to(emails: Sequence[str], contact_list: Any) -> Known:
    """What the school knows of these people; five queries."""
    contacts = {contact.email: contact for contact in Contact.objects.known().filter(email__in=emails)}
    digests = {email_digest(email): email for email in emails}
    refused = Suppression.objects.filter(email_digest__in=digests).values_list("email_digest", "reason")
    by_id = {contact.pk: contact.email for contact in contacts.values()}
    values = ContactValue.objects.filter(contact__in=by_id)
    tags = ContactTag.objects.filter(contact__in=by_id).values_list("contact_id", "tag__name_key")
    members = contact_list.members.filter(contact__in=by_id) if contact_list else ContactTag.objects.none()
    return Known(
        contacts=contacts,
        refusals={digests[digest]: reason for digest, reason in refused},
        values={(by_id[row.contact_id], row.field_id): _columns_of(row) for row in values},
        tags={(by_id[pk], key) for pk, key in tags},
        members={by_id[pk] for pk in members.values_list("contact_id", flat=True)},
    )


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How a file is read: its mapping, and what whoever imports it decided for all of its lines."""

    mapping: Mapping[str, str]
    fields: Mapping[str, ContactField]
    tags: tuple[str, ...] = ()
    joins_list: bool = False
    overwrites: bool = False
    agreed: bool = False


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What one line does: to whom, and which facts, fields, tags and wishes it changes; `error`: nothing, and why."""

    state: str
    error: str = ""
    contact: Contact | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    joins: bool = False
    news: Mapping[str, datetime] = field(default_factory=dict)


def planned(lines: Sequence[Cells], rules: Rules, known: Known, at: datetime) -> list[Plan]:
    """What each line would do, in their order: a later line about the same person finds what an earlier one left."""
    return [_plan(cells, rules, known, at) for cells in lines]


def emails_in(lines: Sequence[Cells], mapping: Mapping[str, str]) -> list[str]:
    """The addresses that these lines name, in order of the alphabet."""
    columns = [column for column, target in mapping.items() if target == "email"]
    return sorted({normalize_email(cells.get(column, "")) for cells in lines for column in columns} - {""})


def _plan(cells: Cells, rules: Rules, known: Known, at: datetime) -> Plan:
    try:
        said = said_in(cells, rules.mapping, rules.fields)
    except LineRefused as refusal:
        return Plan(state=State.REFUSED, error=str(refusal)[:300])
    if known.refusals.get(said.email) == Suppression.Reason.ERASED:
        return Plan(state=State.REFUSED, error=_("This person asked to be forgotten."))
    contact = known.contacts.setdefault(said.email, Contact(email=said.email, token=""))
    is_new = not contact.token or said.email in known.fresh
    facts = _new_facts(said, contact, overwrites=rules.overwrites)
    values = _new_values(said, known, overwrites=rules.overwrites)
    tags = tuple(name for name in (*said.tags, *rules.tags) if (said.email, name.casefold()) not in known.tags)
    joins = rules.joins_list and said.email not in known.members
    news = _news_change(said, contact, known, at, agreed=rules.agreed)
    _learn(known, contact, facts, values, tags, news)
    changes = bool(facts or values or tags or joins or news)
    state = State.MADE if is_new else State.CHANGED if changes else State.SAME
    return Plan(state=state, contact=contact, facts=facts, values=values, tags=tags, joins=joins, news=news)


def _learn(
    known: Known,
    contact: Contact,
    facts: Mapping[str, str],
    values: Mapping[int, Mapping[str, Any]],
    tags: Sequence[str],
    news: Mapping[str, datetime],
) -> None:
    """Let the next line about this person find what this one says."""
    for name, value in {**facts, **news}.items():
        setattr(contact, name, value)
    contact.token = contact.token or "planned"
    known.fresh.discard(contact.email)
    known.values |= {(contact.email, pk): columns for pk, columns in values.items()}
    known.tags |= {(contact.email, name.casefold()) for name in tags}
    known.members.add(contact.email)


def _new_facts(said: Said, contact: Contact, *, overwrites: bool) -> dict[str, str]:
    return {
        name: text
        for name, text in said.facts.items()
        if getattr(contact, name) != text and (overwrites or not getattr(contact, name))
    }


def _new_values(said: Said, known: Known, *, overwrites: bool) -> dict[int, Mapping[str, Any]]:
    return {
        pk: columns
        for pk, columns in said.values.items()
        if known.values.get((said.email, pk)) != columns and (overwrites or (said.email, pk) not in known.values)
    }


def _news_change(said: Said, contact: Contact, known: Known, at: datetime, *, agreed: bool) -> dict[str, datetime]:
    """What the line changes of whether somebody wants news. A "no" of theirs stays, whatever the file says."""
    if said.news is False:
        return {} if contact.unsubscribed_at else {"unsubscribed_at": at}
    name = _STOPS.get(known.refusals.get(said.email, ""))
    if name:
        return {} if getattr(contact, name) else {name: at}
    is_free = not (contact.consented_at or contact.unsubscribed_at or contact.bounced_at)
    return {"consented_at": at} if (said.news or agreed) and is_free else {}


def _titles(head: Sequence[str]) -> list[str]:
    titles: list[str] = []
    for number, cell in enumerate(head, start=1):
        title = " ".join(cell.split())[:120] or _("Column %(number)d") % {"number": number}
        titles.append(title if title not in titles else f"{title} ({number})")
    return titles


def _email(typed: str) -> str:
    email = normalize_email(typed)
    if not email:
        raise LineRefused(_("The line has no email."))
    try:
        validate_address(email)
    except ValidationError as error:
        raise LineRefused(_("“%(typed)s” is no email.") % {"typed": typed[:60]}) from error
    if len(email) > 254 or email.endswith("@erased.invalid"):
        raise LineRefused(_("“%(typed)s” is no email.") % {"typed": typed[:60]})
    return email


def _fact(name: str, typed: str) -> str:
    text = " ".join(typed.split())
    if name == "language":
        return _language(text)
    if name == "country":
        if not (len(text) == 2 and text.isascii() and text.isalpha()):
            raise LineRefused(_("“%(typed)s” is no country: write two letters, such as UA.") % {"typed": text[:40]})
        return text.upper()
    limit: int = Contact._meta.get_field(name).max_length  # type: ignore[union-attr,assignment]
    if len(text) > limit:
        raise LineRefused(_("“%(typed)s…” is too long.") % {"typed": text[:40]})
    return text


def _language(typed: str) -> str:
    code = typed.casefold().replace("_", "-").partition("-")[0]
    if code not in dict(settings.LANGUAGES):
        codes = ", ".join(code for code, _name in settings.LANGUAGES)
        raise LineRefused(_("“%(typed)s” is none of the languages: %(codes)s.") % {"typed": typed[:40], "codes": codes})
    return code


def _tags(typed: Mapping[str, str]) -> tuple[str, ...]:
    names = [" ".join(name.split()) for name in typed.get("tags", "").replace(";", ",").split(",")]
    if any(len(name) > TAG_LENGTH for name in names):
        raise LineRefused(_("A tag has at most %(length)d signs.") % {"length": TAG_LENGTH})
    return tuple(dict.fromkeys(name for name in names if name))


def _columns_of(row: ContactValue) -> Mapping[str, Any]:
    return {"text": row.text, "number": row.number, "date": row.date, "flag": row.flag}
