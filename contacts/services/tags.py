"""Verbs of tags: put on contacts and taken off. A tag exists from the first time somebody writes it."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, ContactTag, Tag
from kwiga.errors import DomainError
from schools.journal import record_events
from schools.models import User
from schools.tenancy.scope import current_school_id

TAG_LENGTH = 60


class NoTag(DomainError):
    """No word, or one that is too long."""


def tag_of(name: str) -> Tag:
    """The tag that is written like this ("VIP" and "vip" are one), made when there is none. Raises NoTag."""
    tidy = " ".join(name.split())
    if not 0 < len(tidy) <= TAG_LENGTH or len(tidy.casefold()) > TAG_LENGTH:
        raise NoTag(_("Write a tag of 1 to %(length)d signs.") % {"length": TAG_LENGTH})
    fresh = Tag(school_id=current_school_id(), name=tidy, name_key=tidy.casefold())
    Tag.objects.bulk_create([fresh], ignore_conflicts=True)
    return Tag.objects.get(name_key=fresh.name_key)


@transaction.atomic
def tag_contacts(*, contacts: Iterable[Contact], name: str, actor: User | None = None) -> int:
    """Put a tag on contacts; who has it keeps it once. How many are new. Raises NoTag."""
    tag, by_id = tag_of(name), {contact.pk: contact for contact in contacts}
    known = set(ContactTag.objects.filter(tag=tag, contact__in=by_id).values_list("contact_id", flat=True))
    fresh = [by_id[pk] for pk in sorted(by_id.keys() - known)]
    rows = [ContactTag(school_id=tag.school_id, contact=contact, tag=tag) for contact in fresh]
    ContactTag.objects.bulk_create(rows, ignore_conflicts=True)
    record_events("contact.tagged", subjects=fresh, actor=actor, data={"tag": tag.pk, "name": tag.name})
    return len(fresh)


@transaction.atomic
def untag_contacts(*, contacts: Iterable[Contact], name: str, actor: User | None = None) -> int:
    """Take a tag off contacts. How many had it."""
    tag = Tag.objects.filter(name_key=" ".join(name.split()).casefold()).first()
    if tag is None:
        return 0
    worn = ContactTag.objects.filter(tag=tag, contact__in=list(contacts)).select_related("contact")
    had = [row.contact for row in worn.order_by("contact_id").select_for_update(of=("self",))]
    worn.delete()
    record_events("contact.untagged", subjects=had, actor=actor, data={"tag": tag.pk, "name": tag.name})
    return len(had)
