from typing import Any

import factory
from django.test import Client

from contacts.models import Contact
from contacts.services.people import ContactFacts, add_contact
from schools.tenancy.scope import school_scope
from tests.factories.schools import SchoolFactory


class ContactFactory(factory.Factory[Contact]):
    """A person whom a school knows, made by the service that makes them."""

    class Meta:
        model = Contact

    school = factory.SubFactory(SchoolFactory)
    email = factory.Sequence(lambda n: f"student{n}@example.test")
    name = factory.Sequence(lambda n: f"Student {n}")

    @classmethod
    def _create(cls, model_class: type[Contact], *args: Any, **fields: Any) -> Contact:
        school = fields.pop("school")
        with school_scope(school):
            return add_contact(facts=ContactFacts(**fields), actor=None)


def student_browser(contact: Contact) -> Client:
    """A browser on the school's host in which the contact is signed in."""
    client = Client(headers={"host": f"{contact.school.slug}.localhost"})
    session = client.session
    session.update({"contact_id": contact.pk, "contact_version": contact.session_version})
    session["school_id"] = contact.school_id
    session.save()
    client.cookies["session"] = session.session_key
    return client
