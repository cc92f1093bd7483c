"""One order's page, and what the team does there."""

from datetime import UTC, datetime

import pytest

from kwiga import clock
from orders.models import Order, Payment
from schools.tenancy.scope import school_scope
from tests.orders.rows import a_payment
from tests.support.order_pages import access_of, fresh, mark_paid, page

pytestmark = pytest.mark.django_db


def test_page_says_everything(school, order, boss):
    with school_scope(school):
        Order.objects.filter(pk=order.pk).update(
            answers=[{"label": "Where from?", "text": "A friend"}], utm={"utm_source": "letter"}, discount_minor=0
        )
    boss.post(f"{page(order)}comments/", {"text": "Called her"})
    shown = boss.get(page(order)).text
    for text in (
        "Olena Koval",
        "olena@example.test",
        "Yoga",
        "Breathing",
        "UAH\xa01,200",
        "A friend",
        "letter",
        "Called her",
    ):
        assert text in shown


def test_page_takes_a_fixed_number_of_queries(school, order, boss, django_assert_max_num_queries):
    mark_paid(boss, order, amount="200")
    mark_paid(boss, order, amount="300")
    for text in ("one", "two", "three"):
        boss.post(f"{page(order)}comments/", {"text": text})
    boss.get(page(order))
    with django_assert_max_num_queries(24):
        boss.get(page(order))


@pytest.mark.spec("K03.1")
def test_failed_and_paid_attempts_are_two_rows_of_one_order(school, order, boss):
    failed = a_payment(order, state="failed", failure="card_declined")
    mark_paid(boss, order)
    shown = boss.get(page(order)).text
    rows = boss.get("/green/transactions/", {"q": order.number}).context["page"].rows
    assert [row.state for row in rows] == ["captured", "failed"]
    assert failed.token in shown and "card_declined" in shown
    assert fresh(order).state == "paid"


@pytest.mark.spec("K03.2")
def test_created_and_processed_are_two_times(school, order, boss):
    created, processed = datetime(2026, 1, 10, 8, tzinfo=UTC), datetime(2026, 1, 12, 9, 30, tzinfo=UTC)
    a_payment(order, created_at=created, processed_at=processed)
    for shown in (boss.get(page(order)).text, boss.get("/green/transactions/").text):
        assert "Jan 10, 2026, 10:00" in shown and "Jan 12, 2026, 11:30" in shown


def test_money_by_other_ways_pays_the_order_and_opens_it(order, seller):
    answer = mark_paid(seller, order, amount="1 200,00", provider="bank_transfer", comment="No. 17")
    assert (answer.status_code, answer.url) == (302, page(order))
    with school_scope(order.school_id):
        payment = Payment.objects.get()
    assert (payment.state, payment.provider, payment.comment) == ("captured", "bank_transfer", "No. 17")
    assert fresh(order).state == "paid"
    assert access_of(order).is_open(clock.now())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"amount": ""}, "required"),
        ({"amount": "0"}, "above zero"),
        ({"amount": "much"}, "Enter an amount"),
        ({"amount": "1200.01"}, "not more than what is due"),
        ({"provider": "stripe"}, "valid choice"),
        ({"comment": "x" * 301}, "at most 300"),
    ],
)
def test_money_that_cannot_be_is_refused_with_a_sentence(order, boss, change, sentence):
    answer = mark_paid(boss, order, **change)
    assert answer.status_code == 200 and sentence in answer.text
    assert fresh(order).state == "pending"


def test_cancel_asks_first(order, seller):
    assert "Cancel the order?" in seller.get(f"{page(order)}cancellation/").text
    assert fresh(order).state == "pending"
    seller.post(f"{page(order)}cancellation/", {"reason": "changed her mind"})
    assert (fresh(order).state, fresh(order).close_reason) == ("canceled", "changed her mind")


def test_paid_order_is_not_canceled(order, boss):
    mark_paid(boss, order)
    answer = boss.post(f"{page(order)}cancellation/", {})
    assert answer.status_code == 200 and "Only an unpaid order can be canceled" in answer.text
    assert fresh(order).state == "paid"


def test_readers_act_on_nothing(order, teammate, staff):
    client = staff(teammate)
    shown = client.get(page(order)).text
    assert order.number in shown
    for action in ("payment/", "cancellation/", "contact/", "link/", "comments/"):
        assert f"{page(order)}{action}" not in shown
        assert client.post(f"{page(order)}{action}", {}).status_code == 403
    assert "/pay/" not in shown


def test_order_moves_to_the_person_it_was_meant_for(order, boss):
    mark_paid(boss, order)
    boss.post(f"{page(order)}contact/", {"email": " Olha@Example.test", "name": "Olha"})
    moved = fresh(order)
    with school_scope(order.school_id):
        assert (moved.contact.email, moved.buyer_name) == ("olha@example.test", "Olha")
    assert access_of(order).contact_id == moved.contact_id
    assert "Enter a valid email" in boss.post(f"{page(order)}contact/", {"email": "nobody"}).text


def test_empty_comment_is_asked_for_again(order, boss):
    answer = boss.post(f"{page(order)}comments/", {"text": " "})
    assert answer.status_code == 200 and "required" in answer.text
