"""The page of one contact is made of sections; apps to the right register theirs in `AppConfig.ready()`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from contacts.models import Contact
from schools.models import Event
from schools.roles import Right


@dataclass(frozen=True, kw_only=True)
class CardSection:
    """A part of the page, shown to who has `right`: `template` gets what `context(contact)` answers, and `contact`.

    `subjects` names the objects of this app that belong to the contact, as (kind of subject, query of their ids), so
    that what happened to them stands in the contact's history.
    """

    template: str
    right: Right
    context: Callable[[Contact], dict[str, Any]]
    subjects: Callable[[Contact], list[tuple[str, QuerySet[Any, Any]]]] = lambda contact: []


_sections: list[CardSection] = []


def register(section: CardSection) -> None:
    """Add a section below those registered before; the same template twice is one section."""
    if all(known.template != section.template for known in _sections):
        _sections.append(section)


def sections() -> tuple[CardSection, ...]:
    """All sections in their order."""
    return tuple(_sections)


def history_of(contact: Contact) -> QuerySet[Event]:
    """What the open scope's journal says about the contact and what belongs to them, newest first."""
    about = Q(subject_kind="contact", subject_id=contact.pk)
    for section in _sections:
        for kind, ids in section.subjects(contact):
            about |= Q(subject_kind=kind, subject_id__in=ids)
    return Event.objects.filter(about).select_related("actor").order_by("-created_at", "-id")
