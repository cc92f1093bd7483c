"""Reads about contacts."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import BooleanField, Case, QuerySet, Value, When

from contacts.facts import facts
from contacts.models import Contact, ContactList, ContactListMember
from contacts.search import SEARCH_KIND
from contacts.segments.breadth import of_few
from contacts.segments.language import parse
from contacts.segments.members import condition_of, contacts_in
from schools import search

COUNT_LIMIT = 10_000
LISTS_ASKED = 100


def contacts_matching(text: str, wanted: Mapping[str, bool]) -> QuerySet[Contact]:
    """Contacts of the open scope whose words begin like those typed and whose facts are as wanted, in no order.

    `wanted` maps a fact's key to yes or no; keys that nobody registered are passed over.
    """
    contacts: QuerySet[Contact] = Contact.objects.all()
    for fact in facts():
        if fact.key in wanted:
            condition = fact.condition()
            contacts = contacts.filter(condition if wanted[fact.key] else ~condition)
    return search.matching(contacts, SEARCH_KIND, text)


def members_of(contact_list: ContactList) -> QuerySet[Contact]:
    """Who is in the list now, in no order: whoever was put in, or whoever the filter fits; never who was erased."""
    if contact_list.conditions is not None:
        return contacts_in(contact_list.conditions)
    inside = ContactListMember.objects.filter(contact_list=contact_list)
    return Contact.objects.known().filter(pk__in=inside.values("contact_id"))


def is_member(contact_list: ContactList, contact: Contact) -> bool:
    """Whether the contact is in the list at this moment, by one statement."""
    with of_few():
        return members_of(contact_list).filter(pk=contact.pk).exists()


def entries_in(contact_list: ContactList) -> QuerySet[Any]:
    """What the pages of a list go through: entries with their contact for a static list, contacts for a dynamic one."""
    if contact_list.is_dynamic:
        return members_of(contact_list)
    inside = ContactListMember.objects.filter(contact_list=contact_list, contact__erased_at=None)
    return inside.select_related("contact")


def lists_of(contact: Contact) -> list[ContactList]:
    """The lists the contact is in now, by name; dynamic ones are asked all at once."""
    standing = ContactList.objects.filter(archived_at=None).order_by("name", "pk")
    put_in = standing.filter(conditions__isnull=True, members__contact=contact) if contact.erased_at is None else []
    asked = list(standing.filter(conditions__isnull=False)[:LISTS_ASKED])
    fitting = _fitting(asked, contact)
    return sorted([*put_in, *fitting], key=lambda each: (each.name, each.pk))


def _fitting(asked: Sequence[ContactList], contact: Contact) -> list[ContactList]:
    """Which of these dynamic lists the contact fits: one statement."""
    if not asked:
        return []
    with of_few():
        answers = {f"fits_{each.pk}": _answer(each) for each in asked}
    row = Contact.objects.known().filter(pk=contact.pk).annotate(**answers).values(*answers).first() or {}
    return [each for each in asked if row.get(f"fits_{each.pk}")]


def _answer(contact_list: ContactList) -> Case:
    fits = When(condition_of(parse(contact_list.conditions)), then=Value(True))
    return Case(fits, default=Value(False), output_field=BooleanField())
