"""Two contacts are one person: everything of the one becomes the other's, and the one is gone."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from contacts.countries import country_name
from contacts.holdings import history_of, holdings
from contacts.models import Contact, ContactValue
from contacts.own_fields import fields_in_use, text_of, values_of
from contacts.own_holding import FACTS
from contacts.search import SEARCH_KIND, words_about
from kwiga import clock
from kwiga.errors import DomainError
from schools import search
from schools.journal import record_event
from schools.models import User
from schools.tenancy.history import rewritten_history

FIELD = "field:"


class MergeRefused(DomainError):
    """These two cannot become one."""


@transaction.atomic
def merge_contacts(*, into: Contact, other: Contact, actor: User | None, taken: Collection[str] = ()) -> Contact:
    """Give everything of `other` to `into`, and delete `other`; it cannot be undone.

    `taken` names the facts that `other`'s words win for ("name", "email", "field:<token>"); of the rest `into` keeps
    what it has and gets what it lacks. Who wanted no news in either is written none. Both are signed out everywhere.
    Uses of coupons keep who used them then, so a limit per person that each kept is kept; new uses count both.
    Raises MergeRefused for one contact twice, and for an erased one.
    """
    kept, gone = _locked_pair(into, other)
    facts = _joined(kept, gone, taken)
    _take_values(kept, gone, taken)
    for holding in holdings():
        holding.move(gone, kept)
    gone_id = gone.pk
    _delete(gone, kept)
    for name, value in facts.items():
        setattr(kept, name, value)
    kept.session_version += 1
    kept.updated_at = clock.now()
    kept.save(update_fields=[*facts, "session_version", "updated_at"])
    search.index(SEARCH_KIND, kept.pk, *words_about(kept))
    record_event("contact.merged", subject=kept, actor=actor, data={"other": gone_id})
    return kept


def _locked_pair(into: Contact, other: Contact) -> tuple[Contact, Contact]:
    """Both as they are now. FOR UPDATE: whoever is about to point at one of them is waited for, and waits."""
    rows = Contact.objects.select_for_update(of=("self",)).order_by("pk").in_bulk([into.pk, other.pk])
    if len(rows) < 2 or any(row.erased_at for row in rows.values()):
        raise MergeRefused(_("Choose two contacts that are known. An erased one cannot be merged."))
    return rows[into.pk], rows[other.pk]


def _joined(kept: Contact, gone: Contact, taken: Collection[str]) -> dict[str, object]:
    facts: dict[str, object] = {}
    for name in FACTS:
        own, theirs = getattr(kept, name), getattr(gone, name)
        facts[name] = theirs if theirs and (name in taken or not own) else own
    # These belong to the address, not to the person.
    addressed = gone if facts["email"] == gone.email else kept
    facts |= {name: getattr(addressed, name) for name in ("verified_at", "bounced_at")}
    return facts | {
        "consented_at": _first(kept.consented_at, gone.consented_at),
        "unsubscribed_at": _first(kept.unsubscribed_at, gone.unsubscribed_at),
        "last_seen_at": max(filter(None, (kept.last_seen_at, gone.last_seen_at)), default=None),
        "created_at": min(kept.created_at, gone.created_at),
    }


def _first(*instants: datetime | None) -> datetime | None:
    return min(filter(None, instants), default=None)


def _take_values(kept: Contact, gone: Contact, taken: Collection[str]) -> None:
    tokens = [name.removeprefix(FIELD) for name in taken if name.startswith(FIELD)]
    theirs = ContactValue.objects.filter(contact=gone, field__token__in=tokens)
    ContactValue.objects.filter(contact=kept, field__in=theirs.values("field")).delete()


def _delete(gone: Contact, kept: Contact) -> None:
    """Its history is the other's from now on, so that an erasure finds it."""
    gone_id = gone.pk
    gone.delete()
    with rewritten_history(Contact):
        past = history_of(Contact).objects.filter(school_id=kept.school_id, pgh_obj_id=gone_id)
        past.update(pgh_obj_id=kept.pk)


@dataclass(frozen=True)
class Pair:
    """One fact of both, for the preview. `is_equal`: there is nothing to choose."""

    key: str
    label: str
    kept: str
    gone: str

    @property
    def is_equal(self) -> bool:
        return self.kept == self.gone or not self.gone

    @property
    def takes_gone(self) -> bool:
        """Whether the other's words come unless somebody chooses: there are no own ones."""
        return bool(self.gone) and not self.kept


def pairs_of(kept: Contact, gone: Contact) -> Iterable[Pair]:
    """Every fact that one of them has, side by side as people read it; own fields behind."""
    pairs = [Pair(name, _label(name), _shown(kept, name), _shown(gone, name)) for name in FACTS]
    of_kept, of_gone = values_of(kept), values_of(gone)
    for field in fields_in_use():
        texts = [text_of(values[field.pk]) if field.pk in values else "" for values in (of_kept, of_gone)]
        pairs.append(Pair(f"{FIELD}{field.token}", field.label, *texts))
    return [pair for pair in pairs if pair.kept or pair.gone]


def _label(name: str) -> str:
    return str(Contact._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _shown(contact: Contact, name: str) -> str:
    if name == "country":
        return country_name(contact.country) if contact.country else ""
    text = contact.get_language_display() if name == "language" else getattr(contact, name)
    return str(text)
