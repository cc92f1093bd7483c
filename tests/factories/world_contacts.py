"""What a school writes about a contact, and to them: one row of each."""

from contacts.models import (
    Contact,
    ContactField,
    ContactImport,
    ContactImportLine,
    ContactTag,
    ContactValue,
    SentMail,
    Suppression,
    Tag,
)
from kwiga.tokens import digest
from schools.models import School


def fill_contact(school: School, contact: Contact) -> None:
    """One row of each table around a contact, in the open scope of the school."""
    tag = Tag.objects.create(school=school, name="Sample tag", name_key="sample tag")
    ContactTag.objects.create(school=school, contact=contact, tag=tag)
    field = ContactField.objects.create(school=school, label="Sample field")
    ContactValue.objects.create(school=school, contact=contact, field=field, text="Sample value")
    SentMail.objects.create(school=school, contact=contact, dedupe_key="sample", subject="Sample subject")
    Suppression.objects.create(
        school=school, email_digest=digest("gone@example.test"), reason=Suppression.Reason.BOUNCED
    )
    kept = ContactImport.objects.create(school=school, file_name="contacts.csv")
    ContactImportLine.objects.create(school=school, contact_import=kept, number=2, cells={"email": "a@example.test"})
