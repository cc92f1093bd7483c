"""A submitted form: its price is only compared, its key counts once, and it costs few statements (trust C6, P5)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from courses.models import Access
from kwiga import clock
from offers.models import Offer, OfferQuestion
from orders.errors import (
    KeyReused,
    NotOnSale,
    PriceChanged,
)
from orders.models import Order, OrderAcceptance, OrderLine
from orders.selectors.quote import Availability
from orders.services.placing import place_order
from schools.models import Event, School
from schools.tenancy.scope import school_scope
from tests.factories.offers import PublishedOfferFactory, whole_course
from tests.factories.orders import PaidOrderFactory, PlacedOrderFactory, checkout_of, placed, sold_offer
from tests.orders.terms import change, required_terms

# --- Price and time are the server's (trust C6) ---


@pytest.mark.spec("C6: the shown total is compared, never believed")
@pytest.mark.parametrize(
    "said",
    [
        {"shown_total_minor": 1},
        {"shown_total_minor": 0},
        {"shown_total_minor": -120_000},
        {"shown_total_minor": 10**30},
        {"shown_currency": "USD"},
        {"shown_currency": ""},
    ],
)
def test_another_total_than_the_computed_one_makes_no_order(school: School, said: dict[str, Any]) -> None:
    offer = sold_offer(school)
    with pytest.raises(PriceChanged) as refused:
        placed(offer, **said)
    assert (refused.value.quote.total_minor, refused.value.quote.currency) == (120_000, "UAH")
    with school_scope(school):
        assert not Order.objects.exists()


@pytest.mark.spec("C6: an offer of another school is nobody's")
def test_the_address_of_another_schools_offer_means_nothing(school: School, other_school: School) -> None:
    checkout = checkout_of(sold_offer(other_school))
    with school_scope(school), pytest.raises(Offer.DoesNotExist):
        place_order(checkout=checkout)


@pytest.mark.spec("C6: questions and terms of another school count for nothing")
def test_ids_of_another_school_are_left_aside(school: School, other_school: School) -> None:
    foreign = required_terms(sold_offer(other_school))
    order = placed(sold_offer(school), accepted_version_ids=[foreign.pk], answers=[(foreign.pk, "x")]).order
    with school_scope(school):
        assert not OrderAcceptance.objects.exists()
        assert order.answers == []


@pytest.mark.parametrize(
    ("fields", "availability"),
    [
        ({"status": Offer.Status.DRAFT}, Availability.DRAFT),
        ({"status": Offer.Status.ARCHIVED}, Availability.ARCHIVED),
        ({"sales_start_at": "+1"}, Availability.NOT_YET),
        ({"sales_end_at": "0"}, Availability.ENDED),
    ],
)
def test_what_is_not_on_sale_cannot_be_ordered(school: School, fields: dict[str, Any], availability: str) -> None:
    offer = sold_offer(school)
    checkout = checkout_of(offer)
    now = clock.now()
    instants = {"+1": now + timedelta(microseconds=1), "0": now}
    change(offer, **{name: instants.get(value, value) for name, value in fields.items()})
    with clock.at(now), school_scope(school), pytest.raises(NotOnSale) as refused:
        place_order(checkout=checkout)
    assert refused.value.availability == availability


@pytest.mark.spec("K22.4")
def test_after_archiving_there_are_no_new_orders_and_old_access_stays(school: School) -> None:
    offer = sold_offer(school)
    PaidOrderFactory(offer=offer)
    checkout = checkout_of(offer)
    change(offer, status=Offer.Status.ARCHIVED)
    with school_scope(school), pytest.raises(NotOnSale):
        place_order(checkout=checkout)
    with school_scope(school):
        assert Access.objects.open_at(clock.now()).count() == 1


@pytest.mark.spec("K22.5")
def test_links_of_two_schools_do_not_collide(school: School, other_school: School) -> None:
    token = "TnHG7QjEFukO"
    green, red = sold_offer(school, token=token), sold_offer(other_school, token=token)
    assert (placed(green).order.offer_id, placed(red).order.offer_id) == (green.pk, red.pk)


# --- The same form (trust P5) ---


@pytest.mark.spec("P5: the same form twice is one order")
def test_the_same_form_twice_is_one_order(school: School) -> None:
    checkout = checkout_of(sold_offer(school))
    with school_scope(school):
        first = place_order(checkout=checkout)
    with school_scope(school):
        second = place_order(checkout=replace(checkout, name=f" {checkout.name} "))
        assert (first.order, first.pay_token) == (second.order, second.pay_token)
        assert (first.is_new, second.is_new) == (True, False)
        assert Event.objects.filter(kind="order.placed").count() == 1


@pytest.mark.spec("P5: a changed price does not change what the form made before")
def test_the_same_form_after_the_price_changed_still_shows_its_order(school: School) -> None:
    offer = sold_offer(school)
    checkout = checkout_of(offer)
    with school_scope(school):
        first = place_order(checkout=checkout)
    change(offer, price_minor=1, status=Offer.Status.ARCHIVED)
    with school_scope(school):
        assert place_order(checkout=checkout).order == first.order


@pytest.mark.spec("P5: the same key with another body is refused")
@pytest.mark.parametrize(
    "said", [{"name": "Other"}, {"phone": "+1"}, {"answers": [(1, "x")]}, {"accepted_version_ids": [1]}]
)
def test_the_key_of_a_form_with_another_body_is_refused(school: School, said: dict[str, Any]) -> None:
    checkout = checkout_of(sold_offer(school))
    with school_scope(school):
        place_order(checkout=checkout)
    with school_scope(school), pytest.raises(KeyReused):
        place_order(checkout=replace(checkout, **said))
    with school_scope(school):
        assert Order.objects.count() == 1


@pytest.mark.spec("P5: the key never shows somebody else's order")
def test_another_email_under_the_same_key_is_a_new_look_at_the_price(school: School) -> None:
    checkout = checkout_of(sold_offer(school))
    with school_scope(school):
        place_order(checkout=checkout)
    with school_scope(school), pytest.raises(PriceChanged) as refused:
        place_order(checkout=replace(checkout, email="other@example.test"))
    assert refused.value.quote.total_minor == checkout.shown_total_minor
    with school_scope(school):
        assert Order.objects.count() == 1


# --- Few statements: one purchase is one short transaction ---


def statements(offer: Offer, **said: Any) -> list[str]:
    checkout = checkout_of(offer, **said)
    with (
        school_scope(offer.school_id),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        place_order(checkout=checkout)
    return [query["sql"] for query in queries.captured_queries]


def test_the_purchase_of_a_stranger_takes_thirteen_statements(school: School) -> None:
    """With a question, terms to accept, and a contact to be made."""
    offer = sold_offer(school)
    version = required_terms(offer)
    with school_scope(school):
        asked = OfferQuestion.objects.create(school=school, offer=offer, label="Where from?", is_required=True)
    made = statements(offer, accepted_version_ids=[version.pk], answers=[(asked.pk, "Lviv")])
    assert len(made) == 13, "\n".join(sql[:110] for sql in made)


def test_the_purchase_of_a_known_person_takes_fewer(school: School) -> None:
    PlacedOrderFactory(offer=sold_offer(school), email="anna@example.test")
    made = statements(sold_offer(school), email="anna@example.test")
    assert len(made) == 10, "\n".join(sql[:110] for sql in made)


def test_a_seat_costs_two_statements_more(school: School) -> None:
    PlacedOrderFactory(offer=sold_offer(school), email="anna@example.test")
    made = statements(sold_offer(school, seats=5), email="anna@example.test")
    assert len(made) == 12, "\n".join(sql[:110] for sql in made)


def test_the_lines_of_an_offer_with_many_courses_cost_no_more(school: School) -> None:
    one = sold_offer(school)
    many = PublishedOfferFactory(school=school, items=tuple(whole_course(school, f"C{n}") for n in range(5)))
    assert len(statements(one, email="a@example.test")) == len(statements(many, email="b@example.test"))
    with school_scope(school):
        assert OrderLine.objects.count() == 2
