"""Reads about contacts."""

from collections.abc import Mapping

from django.db.models import QuerySet

from contacts.facts import facts
from contacts.models import Contact
from contacts.search import SEARCH_KIND
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
