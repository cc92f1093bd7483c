"""The pages that list contacts and what belongs to them ask as often for three rows as for one."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.importing import Table
from contacts.models import ContactList
from contacts.services.fields import create_field
from contacts.services.imports import keep_import
from contacts.services.lists import add_members, create_list
from contacts.services.tags import tag_contacts
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory

EVERYBODY = {"match": "all", "parts": [{"fact": "email", "op": "filled"}]}


def contacts(school: School, number: int) -> None:
    contact = ContactFactory(school=school)
    with school_scope(school):
        tag_contacts(contacts=[contact], name="VIP")
        tag_contacts(contacts=[contact], name=f"Wave {number}")


def members(school: School, number: int) -> None:
    with school_scope(school):
        group = ContactList.objects.filter(name="Group").first() or create_list(name="Group", actor=None)
    contact = ContactFactory(school=school)
    with school_scope(school):
        add_members(contact_list=group, contacts=[contact], actor=None)


def fitting(school: School, number: int) -> None:
    ContactFactory(school=school)
    with school_scope(school):
        if not ContactList.objects.exists():
            create_list(name="Everybody", conditions=EVERYBODY, actor=None)


def lists(school: School, number: int) -> None:
    contact = ContactFactory(school=school)
    with school_scope(school):
        by_hand = create_list(name=f"By hand {number}", actor=None)
        add_members(contact_list=by_hand, contacts=[contact], actor=None)
        create_list(name=f"By conditions {number}", conditions=EVERYBODY, actor=None)


def fields(school: School, number: int) -> None:
    with school_scope(school):
        create_field(label=f"Field {number}", kind="choice", choices=["a", "b"], actor=None)


def imports(school: School, number: int) -> None:
    with school_scope(school):
        table = Table(columns=["Email"], lines=[{"Email": f"line{number}@example.test"}])
        keep_import(table=table, file_name=f"people{number}.csv", actor=None)


def list_page(school: School) -> str:
    with school_scope(school):
        return f"lists/{ContactList.objects.get().token}/"


@pytest.mark.parametrize(
    ("more", "path"),
    [
        (contacts, ""),
        (contacts, "?q=student&news=open"),
        (lists, "lists/"),
        (members, list_page),
        (fitting, list_page),
        (fields, "fields/"),
        (imports, "import/"),
    ],
)
def test_three_rows_take_as_many_statements_as_one(
    school: School, owner: Any, staff: Any, more: Callable[..., None], path: Any
) -> None:
    client = staff(owner)
    more(school, 0)
    address = f"/green/contacts/{path(school) if callable(path) else path}"
    client.get(address)  # what is asked once in a process is behind
    asked = []
    for wave in range(2):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        asked.append(len(captured))
        if wave == 0:
            more(school, 1)
            more(school, 2)
    assert asked[0] == asked[1] <= 25
