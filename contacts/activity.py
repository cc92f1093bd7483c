"""What happens to contacts, as the activity page says it."""

from collections.abc import Sequence

from django.core.exceptions import FieldDoesNotExist
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, ContactField, ContactList
from schools.activity import Kind, Subject, Topic, register
from schools.models import Event, School


def register_own() -> None:
    """Register the topic of this app."""
    register("contacts", Topic(label=_("Contacts"), kinds=_CONTACTS, subjects=_contacts))
    register("lists", Topic(label=_("Contact lists"), kinds=_LISTS, subjects=_lists))
    register("contact_fields", Topic(label=_("Fields of contacts"), kinds=_FIELDS, subjects=_fields))


def _changed_fields(event: Event) -> str:
    facts = ", ".join(filter(None, map(_field_name, event.data.get("fields", [])))).lower()
    return capfirst(", ".join(filter(None, [facts, *event.data.get("own", [])])))


def _field_name(name: str) -> str:
    try:
        return str(Contact._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    except FieldDoesNotExist:  # a field that has been given up since
        return ""


def _its_name(event: Event) -> str:
    return str(event.data.get("name", ""))


_CONTACTS = {
    "contact.created": Kind(_("Contact added"), "user-round-plus"),
    "contact.changed": Kind(_("Contact changed"), "user-round-pen", _changed_fields),
    "contact.signed_in": Kind(_("Student signed in"), "log-in"),
    "contact.signed_out": Kind(_("Student signed out everywhere"), "log-out"),
    "contact.merged": Kind(_("Contacts merged"), "merge"),
    "contact.erased": Kind(_("Contact erased"), "user-round-x"),
    "contact.import_started": Kind(_("Import of contacts started"), "upload"),
    "contact.imported": Kind(_("Contacts imported"), "upload"),
    "contact.downloaded": Kind(_("Contacts exported"), "download"),
    "contact.exported": Kind(_("Personal data exported"), "download"),
    "contact.invited": Kind(_("Sign-in link sent"), "mail"),
    "contact.tagged": Kind(_("Tag put on a contact"), "tag", _its_name),
    "contact.untagged": Kind(_("Tag taken off a contact"), "tag", _its_name),
    "contact.subscribed": Kind(_("Contact wants news"), "mail-check"),
    "contact.unsubscribed": Kind(_("Contact wants no more news"), "mail-x"),
    "contact.bounced": Kind(_("Address refuses mail"), "mail-warning"),
}


def _how_many(event: Event) -> str:
    return str(len(event.data.get("contacts", [])))


_LISTS = {
    "list.created": Kind(_("Contact list made"), "list-plus"),
    "list.renamed": Kind(_("Contact list renamed"), "pencil"),
    "list.changed": Kind(_("Conditions of a contact list changed"), "list-filter"),
    "list.joined": Kind(_("People put in a contact list"), "user-round-plus", _how_many),
    "list.left": Kind(_("People taken out of a contact list"), "user-round-minus", _how_many),
    "list.deleted": Kind(_("Contact list deleted"), "trash-2", _its_name),
}


_FIELDS = {
    "contactfield.created": Kind(_("Field of contacts made"), "text-cursor-input"),
    "contactfield.changed": Kind(_("Field of contacts changed"), "pencil"),
    "contactfield.moved": Kind(_("Fields of contacts put in another order"), "arrow-up-down"),
    "contactfield.archived": Kind(_("Field of contacts archived"), "archive"),
    "contactfield.restored": Kind(_("Field of contacts brought back"), "archive-restore"),
}


def _fields(school: School, events: Sequence[Event]) -> dict[int, Subject]:
    fields = ContactField.objects.in_bulk({event.subject_id for event in events if event.subject_id})
    return {
        event.pk: Subject(field.label, reverse("contacts:fields_edit", args=[school.slug, field.token]))
        for event in events
        if event.subject_id and (field := fields.get(event.subject_id))
    }


def _lists(school: School, events: Sequence[Event]) -> dict[int, Subject]:
    lists = ContactList.objects.in_bulk({event.subject_id for event in events if event.subject_id})
    return {
        event.pk: Subject(
            row.name, "" if row.archived_at else reverse("contacts:lists_detail", args=[school.slug, row.token])
        )
        for event in events
        if event.subject_id and (row := lists.get(event.subject_id))
    }


def _contacts(school: School, events: Sequence[Event]) -> dict[int, Subject]:
    contacts = Contact.objects.in_bulk({event.subject_id for event in events if event.subject_id})
    return {
        event.pk: Subject(str(contact), reverse("contacts:card", args=[school.slug, contact.token]))
        for event in events
        if event.subject_id and (contact := contacts.get(event.subject_id))
    }
