"""Coupons for the people of a list by conditions follow the list (P2.2): at the field, and when the order is placed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from contacts.services.lists import create_list
from coupons.eligibility import Reason
from coupons.selectors.examining import examine_code
from kwiga import clock
from orders.errors import CouponRefused
from orders.services.paying import mark_paid
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory, list_of
from tests.factories.orders import placed

ABROAD = {"match": "all", "parts": [{"fact": "country", "op": "is", "value": "PL"}]}


@pytest.fixture
def anna(school):
    return ContactFactory(school=school, email="anna@example.test")


def coupon_for(school, conditions=ABROAD, code="ABROAD"):
    with school_scope(school):
        row = create_list(name=code, actor=None, conditions=conditions)
    return CouponFactory(school=school, code=code, audience="list", contact_list_id=row.pk)


def country(contact, code):
    with school_scope(contact.school_id):
        Contact.objects.filter(pk=contact.pk).update(country=code)


def reason(offer, code="ABROAD", **who):
    with school_scope(offer.school_id):
        refusal = examine_code(typed=code, offer=offer, at=clock.now(), **who).refusal
        return refusal and refusal.reason


@pytest.mark.spec("P2.2")
def test_the_coupon_follows_the_list(school, offer, anna):
    coupon_for(school)
    for code, expected in (("", Reason.NOT_ON_LIST), ("PL", None), ("UA", Reason.NOT_ON_LIST)):
        country(anna, code)
        assert reason(offer, email="Anna@Example.test") == expected
        assert reason(offer, contact=anna) == expected
    assert reason(offer) == Reason.NEEDS_PERSON
    assert reason(offer, email="stranger@example.test") == Reason.NOT_ON_LIST


@pytest.mark.spec("P2.2: and again when the order is placed")
def test_who_left_the_list_before_placing_pays_the_price(school, offer, anna):
    coupon_for(school)
    shown = {"code": "ABROAD", "shown_total_minor": 17_999}
    country(anna, "PL")
    assert placed(offer, email=anna.email, **shown).order.total_minor == 17_999
    bohdan = ContactFactory(school=school)
    country(bohdan, "PL")
    assert reason(offer, email=bohdan.email) is None
    country(bohdan, "UA")
    with pytest.raises(CouponRefused):
        placed(offer, email=bohdan.email, **shown)


def test_a_first_purchase_coupon_ends_with_the_first_purchase(school, offer, anna):
    """The coupon's own order does not take it away: the list is asked before, and a held use is honored."""
    coupon_for(school, {"match": "all", "parts": [{"fact": "bought", "op": "has_not", "value": ""}]}, "FIRST")
    assert reason(offer, "FIRST", contact=anna) is None
    with school_scope(school):
        order = placed(offer, email=anna.email, code="FIRST", shown_total_minor=17_999).order
        mark_paid(order=order, amount_minor=order.total_minor, comment="", actor=None)
    assert reason(offer, "FIRST", contact=anna) == Reason.NOT_ON_LIST


def test_a_static_list_is_asked_in_the_one_statement_and_a_dynamic_one_in_two(school, offer, anna):
    coupon_for(school)
    CouponFactory(school=school, code="STATIC", audience="list", contact_list_id=list_of(school, anna).pk)
    country(anna, "PL")
    for code, statements in (("STATIC", 1), ("ABROAD", 2)):
        with school_scope(school), CaptureQueriesContext(connection) as counted:
            assert examine_code(typed=code, offer=offer, contact=anna, at=clock.now()).refusal is None
        assert len(counted) == statements, code
