"""Sales on a school's home: figures, charts and what waits, for those who may see money."""

from datetime import timedelta
from typing import Any

import pytest

from kwiga import clock
from orders.models import Order, Payment
from schools.models import School
from schools.roles import Role
from schools.tenancy.scope import school_scope
from tests.factories.schools import MemberFactory
from tests.factories.world import fill


@pytest.fixture
def sold(school: School) -> School:
    """One paid order; its payment was given back in part for a trifle."""
    return fill(school)


def pay(school: School, *, days_ago: int, amount_minor: int, currency: str = "UAH", **fields: Any) -> Order:
    """An order of the school's one contact, paid on that day unless the fields say otherwise."""
    at = clock.now() - timedelta(days=days_ago)
    with school_scope(school):
        known = Order.objects.order_by("pk")[0]
        key = f"{days_ago}-{amount_minor}-{currency}"
        order = Order.objects.create(
            school=school,
            contact_id=known.contact_id,
            offer_id=known.offer_id,
            state=Order.State.PAID if fields.get("state", "captured") == "captured" else Order.State.PENDING,
            buyer_email=known.buyer_email,
            language="en",
            currency=currency,
            subtotal_minor=amount_minor,
            total_minor=amount_minor,
            idempotency_key=key,
            fingerprint=key,
            pay_digest=key,
            pay_salt=key,
            paid_at=at,
            created_at=at,
        )
        shown = {"state": Payment.State.CAPTURED, "provider": "bank_transfer", "processed_at": at} | fields
        Payment.objects.create(
            school=school, order=order, amount_minor=amount_minor, currency=currency, created_at=at, **shown
        )
    return order


def test_revenue_orders_and_share_stand_beside_the_time_before(sold, owner, staff):
    pay(sold, days_ago=3, amount_minor=300_000)
    pay(sold, days_ago=40, amount_minor=200_000)
    page = staff(owner).get("/green/").text
    # 3 000 and what the filled school sold today, but for what was given back, beside 2 000.
    assert "UAH\N{NO-BREAK SPACE}4,199.99" in page
    assert "+110%" in page
    assert "against the 30 days before" in page


@pytest.mark.parametrize(("by", "marks"), [("day", 30), ("week", 12), ("month", 12), ("century", 30), ("", 30)])
def test_time_shown_is_in_the_address(sold, owner, staff, by, marks):
    page = staff(owner).get(f"/green/?by={by}").text
    assert page.count('class="chart-bar"') == 2 * marks
    assert page.count("chart-dot") == marks
    assert f'href="?by={by}"' in page or by not in ("day", "week", "month")


def test_the_same_numbers_are_in_tables(sold, owner, staff):
    pay(sold, days_ago=3, amount_minor=300_000)
    page = staff(owner).get("/green/").text
    assert page.count('<details class="chart-numbers">') == 3
    assert '<td class="num">UAH\N{NO-BREAK SPACE}3,000 · 1 payment</td>' in page


def test_each_currency_is_counted_for_itself(sold, owner, staff):
    pay(sold, days_ago=2, amount_minor=5_000, currency="EUR")
    client = staff(owner)
    page = client.get("/green/").text
    assert "UAH\N{NO-BREAK SPACE}1,199.99" in page and "€50" in page
    assert 'aria-label="Revenue, UAH"' in page
    assert 'aria-label="Revenue, EUR"' in client.get("/green/?currency=EUR").text
    assert 'aria-label="Revenue, UAH"' in client.get("/green/?currency=ZZZ").text


def test_test_money_is_not_revenue(sold, owner, staff):
    pay(sold, days_ago=2, amount_minor=7_700_000, is_test=True)
    assert "77,000" not in staff(owner).get("/green/").text.partition("Latest orders")[0]


def test_what_waits_for_a_person_leads_to_it(sold, owner, staff):
    mismatch = pay(sold, days_ago=1, amount_minor=100, needs_review_at=clock.now(), review_reason="amount")
    waiting = pay(sold, days_ago=1, amount_minor=200, state="created")
    failed = pay(sold, days_ago=1, amount_minor=300, state="failed", provider="test_bank")
    page = staff(owner).get("/green/").text
    waits = page.partition("Needs a hand")[2].partition('id="sales"')[0]
    assert [order.number in waits for order in (mismatch, waiting, failed)] == [True, True, True]
    assert "?review=on" in waits and "state=failed" in waits


def test_who_may_not_see_orders_sees_no_money(sold, staff):
    pay(sold, days_ago=1, amount_minor=300, state="failed", provider="test_bank")
    teacher = MemberFactory(school=sold, role=Role.TEACHER).user
    page = staff(teacher).get("/green/").text
    assert "UAH" not in page and "Latest orders" not in page and "Needs a hand" not in page


def test_a_school_without_orders_has_no_empty_charts(school, owner, staff):
    assert "chart-bar" not in staff(owner).get("/green/").text


def test_home_costs_the_same_for_three_orders_as_for_one(sold, owner, staff, django_assert_num_queries):
    client = staff(owner)
    client.get("/green/")
    with django_assert_num_queries(QUERIES):
        client.get("/green/")
    for number in range(1, 4):
        pay(sold, days_ago=number, amount_minor=number * 100, state="failed", provider="test_bank")
    with django_assert_num_queries(QUERIES):
        client.get("/green/")


QUERIES = 28
