"""The rules of contacts: silent on what the services make, loud about each kind of damage (I12, I17)."""

from typing import Any

import pytest

from contacts.models import Contact, ContactField, ContactImport, ContactImportLine, ContactValue
from contacts.services.erasing import erase_contact
from schools.invariants import check_invariants
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.contacts.test_imports import imported
from tests.factories.contacts import ContactFactory
from tests.factories.orders import PaidOrderFactory, sold_offer

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "ops", "relay"])


def broken() -> set[str]:
    return {finding.invariant.name for finding in check_invariants() if finding.rows}


def an_import(school: School) -> ContactImport:
    return imported(school, "email\na@x.test\nbad\n")


@pytest.mark.spec("I12")
@pytest.mark.parametrize(
    "damage",
    [
        lambda kept: ContactImportLine.objects.filter(state="made").update(state="waiting"),
        lambda kept: ContactImport.objects.update(started_at=None),
        lambda kept: ContactImport.objects.update(started_at=None, finished_at=None),
        lambda kept: ContactImport.objects.update(finished_at=None),
    ],
)
def test_an_import_that_does_not_add_up_is_found(school, damage):
    kept = an_import(school)
    assert broken() == set()
    with school_scope(school):
        damage(kept)
    assert "contact_imports_add_up" in broken()


def name_again(contact: Contact) -> Any:
    return Contact.objects.filter(pk=contact.pk).update(name="Olena")


def value_again(contact: Contact) -> Any:
    field = ContactField.objects.create(school_id=contact.school_id, label="Pet")
    return ContactValue.objects.create(school_id=contact.school_id, contact=contact, field=field, text="cat")


@pytest.mark.spec("I17")
@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        (name_again, "erased_are_nameless"),
        (value_again, "erased_are_nameless"),
    ],
)
def test_a_name_of_somebody_erased_is_found(school, damage, rule):
    contact = ContactFactory(school=school, email="gone@x.test", name="Olena")
    PaidOrderFactory(offer=sold_offer(school), email="gone@x.test", name="Olena")
    with school_scope(school):
        erase_contact(contact=contact, actor=None)
    assert broken() == set()
    with school_scope(school):
        damage(contact)
    assert rule in broken()
