"""Reads about contacts."""

from collections.abc import Mapping

from django.db.models import QuerySet

from contacts.facts import facts
from contacts.models import Contact, ContactList, ContactListMember
from contacts.search import SEARCH_KIND
from contacts.segments.members import contacts_in
from schools import search


def contacts_matching(text: str, wanted: Mapping[str, bool]) -> QuerySet[Contact]:
    """Contacts of the open scope whose words begin like those typed and whose facts are as wanted, in no order.

    `wanted` maps a fact's key to yes or no; keys that nobody registered are passed over.
    """
    contacts: QuerySet[Contact] = Contact.objects.all()
    for fact in facts():
        if fact.key in wanted:
            condition = fact.condition()
            contacts = contacts.filter(condition if wanted[fact.key] else ~condition)
    for hits in search.found(SEARCH_KIND, text):
        contacts = contacts.filter(pk__in=hits.values("object_id"))
    return contacts


def members_of(contact_list: ContactList) -> QuerySet[Contact]:
    """Who is in the list now, in no order: whoever was put in, or whoever the filter fits; never who was erased."""
    if contact_list.conditions is not None:
        return contacts_in(contact_list.conditions)
    inside = ContactListMember.objects.filter(contact_list=contact_list)
    return Contact.objects.known().filter(pk__in=inside.values("contact_id"))


def is_member(contact_list: ContactList, contact: Contact) -> bool:
    """Whether the contact is in the list at this moment, by one statement."""
    return members_of(contact_list).filter(pk=contact.pk).exists()
