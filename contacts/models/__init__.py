"""People a school knows."""

from contacts.models.fields import ContactField, ContactTag, ContactValue, Tag
from contacts.models.imports import ContactImport, ContactImportLine
from contacts.models.lists import ContactList, ContactListMember
from contacts.models.mail import SentMail, Suppression
from contacts.models.people import Contact, SignInCode

__all__ = [
    "Contact",
    "ContactField",
    "ContactImport",
    "ContactImportLine",
    "ContactList",
    "ContactListMember",
    "ContactTag",
    "ContactValue",
    "SentMail",
    "SignInCode",
    "Suppression",
    "Tag",
]
