"""Which contacts a page of the list shows: words, facts, a tag, a list, and what they said about news."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, ContactList, ContactTag
from contacts.selectors import contacts_matching, members_of

# What a contact said about news: key -> label and condition.
NEWS: dict[str, tuple[Any, Q]] = {
    "wanted": (_("Asked for news"), Q(consented_at__isnull=False, unsubscribed_at=None, bounced_at=None)),
    "open": (_("Said nothing about news"), Q(consented_at=None, unsubscribed_at=None, bounced_at=None)),
    "refused": (_("Wants no news"), Q(unsubscribed_at__isnull=False)),
    "bounced": (_("Address refuses mail"), Q(bounced_at__isnull=False)),
}


@dataclass(frozen=True, kw_only=True)
class ContactFilter:
    """What is looked for; empty texts narrow nothing. `facts` maps the key of a fact to yes or no."""

    text: str = ""
    facts: Mapping[str, bool] = field(default_factory=dict)
    tag: str = ""
    list: str = ""
    news: str = ""


def contacts_fitting(wanted: ContactFilter) -> QuerySet[Contact]:
    """Contacts of the open scope that fit, in no order; never those who were erased."""
    contacts = contacts_matching(wanted.text, wanted.facts).filter(erased_at=None)
    if wanted.tag:
        tagged = ContactTag.objects.filter(tag__token=wanted.tag)
        contacts = contacts.filter(pk__in=tagged.values("contact_id"))
    if wanted.list:
        contacts = contacts.filter(pk__in=_members(wanted.list))
    return contacts.filter(NEWS[wanted.news][1]) if wanted.news in NEWS else contacts


def _members(token: str) -> QuerySet[Any, Any]:
    """Who is in the list; nobody in one that is gone."""
    contact_list = ContactList.objects.filter(token=token, archived_at=None).first()
    members = members_of(contact_list) if contact_list else Contact.objects.none()
    return members.values("pk")
