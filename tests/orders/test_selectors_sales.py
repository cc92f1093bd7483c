"""Figures for charts, and what waits for a person."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from kwiga import clock
from orders.selectors.attention import attention
from orders.selectors.sales import Orders, Revenue, Span, Step, orders_placed, revenue
from schools.tenancy.scope import school_scope
from tests.orders.rows import a_payment, an_order

pytestmark = pytest.mark.django_db


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def kyiv(scope):
    with timezone.override("Europe/Kyiv"):
        yield scope


def test_revenue_by_days_of_the_school(kyiv, django_assert_num_queries):
    a_payment(an_order(kyiv), processed_at=at("2026-01-10T21:59"))
    a_payment(an_order(kyiv), processed_at=at("2026-01-10T22:00"))  # the 11th in Kyiv
    a_payment(an_order(kyiv, currency="EUR", total_minor=900), processed_at=at("2026-01-11T08:00"))
    a_payment(an_order(kyiv), processed_at=at("2026-01-12T22:00"))  # the 13th, outside
    with django_assert_num_queries(1):
        found = revenue(Span(date(2026, 1, 10), date(2026, 1, 12), Step.DAY))
    assert found == {
        "EUR": [Revenue(date(2026, 1, 10), 0, 0), Revenue(date(2026, 1, 11), 900, 1), Revenue(date(2026, 1, 12), 0, 0)],
        "UAH": [
            Revenue(date(2026, 1, 10), 120_000, 1),
            Revenue(date(2026, 1, 11), 120_000, 1),
            Revenue(date(2026, 1, 12), 0, 0),
        ],
    }


@pytest.mark.spec("K06.4")
def test_revenue_leaves_out_test_money_and_takes_out_what_was_given_back(kyiv):
    day = at("2026-01-10T10:00")
    a_payment(an_order(kyiv), processed_at=day)
    a_payment(an_order(kyiv), processed_at=day, is_test=True)
    a_payment(an_order(kyiv), processed_at=day, state="part_refunded", refunded_minor=50_000)
    a_payment(an_order(kyiv), processed_at=day, state="refunded", refunded_minor=120_000)
    a_payment(an_order(kyiv), processed_at=day, needs_review_at=day, review_reason="amount")
    a_payment(an_order(kyiv), state="failed")
    assert revenue(Span(date(2026, 1, 10), date(2026, 1, 10), Step.DAY)) == {
        "UAH": [Revenue(date(2026, 1, 10), 190_000, 3)]
    }


@pytest.mark.parametrize(
    ("step", "starts"),
    [
        (Step.WEEK, [date(2026, 1, 26), date(2026, 2, 2), date(2026, 2, 9)]),
        (Step.MONTH, [date(2026, 1, 1), date(2026, 2, 1)]),
    ],
)
def test_weeks_begin_on_monday_and_months_on_the_first(kyiv, step, starts):
    span = Span(date(2026, 1, 30), date(2026, 2, 9), step)
    assert list(span.starts()) == starts
    a_payment(an_order(kyiv), processed_at=at("2026-02-09T10:00"))
    assert revenue(span)["UAH"][-1] == Revenue(starts[-1], 120_000, 1)


def test_orders_placed_and_how_many_are_paid(kyiv, django_assert_num_queries):
    day = at("2026-01-10T10:00")
    an_order(kyiv, created_at=day, state="paid")
    an_order(kyiv, created_at=day)
    an_order(kyiv, created_at=day, source="manual", state="paid")
    an_order(kyiv, created_at=day, is_test=True, state="paid")
    with django_assert_num_queries(1):
        found = orders_placed(Span(date(2026, 1, 10), date(2026, 1, 11), Step.DAY))
    assert found == [Orders(date(2026, 1, 10), 2, 1), Orders(date(2026, 1, 11), 0, 0)]
    assert [each.conversion for each in found] == [0.5, None]


def test_attention_holds_what_waits_and_nothing_else(scope, other_school):
    now = clock.now()
    review = a_payment(an_order(scope, state="canceled"), needs_review_at=now, review_reason="dead_order")
    failed = a_payment(an_order(scope), state="failed")
    transfer = a_payment(an_order(scope), state="pending", provider="bank_transfer")
    a_payment(an_order(scope), state="failed", created_at=now - timedelta(days=8))
    a_payment(an_order(scope, state="paid"), state="failed")
    a_payment(an_order(scope, state="expired"), state="pending", provider="bank_transfer")
    a_payment(an_order(scope), state="pending")
    with school_scope(other_school):
        a_payment(an_order(other_school), state="failed")
    found = attention(now)
    assert [list(pile.rows) for pile in (found.to_review, found.to_confirm, found.failed)] == [
        [review],
        [transfer],
        [failed],
    ]
    assert found


def test_attention_counts_no_further_than_ninety_nine(scope, monkeypatch, django_assert_num_queries):
    assert not attention(clock.now())
    monkeypatch.setattr("orders.selectors.attention._COUNTED", 3)
    for _ in range(3):
        a_payment(an_order(scope), state="failed")
    with django_assert_num_queries(3):
        pile = attention(clock.now()).failed
    assert (len(pile.rows), pile.count, pile.is_more) == (3, 2, True)
