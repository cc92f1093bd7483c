"""A chatbot gives its subscriber's number along in the link of an offer, and finds it again on the contact (K05)."""

from collections.abc import Callable

import pytest
from django.test import Client

from contacts.models import Contact
from orders.models import Order
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import address_of, submit

Visitor = Callable[..., Client]
Student = Callable[[Contact], Client]


def contact_of(school: School) -> Contact:
    with school_scope(school):
        return Contact.objects.get()


@pytest.mark.spec("K05.4")
def test_the_number_in_the_link_is_kept_on_the_contact(school: School, visitor: Visitor) -> None:
    offer = sold_offer(school)
    assert submit(visitor(school), offer, "?external_id=bot-42").status_code == 303
    assert contact_of(school).external_id == "bot-42"
    submit(visitor(school), offer, "?external_id=bot-77")
    assert contact_of(school).external_id == "bot-42"  # whoever has a number keeps it


@pytest.mark.spec("K05.4")
def test_who_signed_in_gets_the_number_as_well(school: School, contact: Contact, student: Student) -> None:
    offer = sold_offer(school)
    assert submit(student(contact), offer, "?external_id=bot-42").status_code == 303
    assert contact_of(school).external_id == "bot-42"


def test_the_number_is_still_there_on_the_way_from_page_to_page(school: School, visitor: Visitor) -> None:
    offer = sold_offer(school)
    page = visitor(school).get(address_of(offer, "?external_id=bot-42")).text
    assert "external_id=bot-42" in page


@pytest.mark.parametrize(("query", "kept"), [("x" * 500, "x" * 120), ("%00a%00", "a"), ("%20", ""), ("", "")])
def test_a_strange_number_stops_no_sale(query: str, kept: str, school: School, visitor: Visitor) -> None:
    offer = sold_offer(school)
    assert submit(visitor(school), offer, f"?external_id={query}").status_code == 303
    assert contact_of(school).external_id == kept
    with school_scope(school):
        assert Order.objects.count() == 1
