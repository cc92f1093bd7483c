"""One order's page, and what the team does there."""

import re
from datetime import UTC, datetime

import pytest

from courses.models import Access, Course
from kwiga import clock
from orders.links import order_of_token, pay_token, renew_pay_link
from orders.models import Order, OrderAccess, OrderLineItem, Payment, Refund
from schools.models import Event
from schools.roles import Role
from schools.tenancy.scope import school_scope
from tests.factories.offers import PublishedOfferFactory
from tests.factories.schools import MemberFactory
from tests.orders.rows import a_payment, an_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer(school):
    return PublishedOfferFactory(school=school, title="Yoga")


@pytest.fixture
def order(school, offer) -> Order:
    """An unpaid order that opens a course."""
    order = an_order(school, offer=offer, name="Olena Koval", email="olena@example.test")
    with school_scope(school):
        course = Course.objects.create(school=school, title="Breathing", status=Course.Status.PUBLISHED)
        OrderLineItem.objects.create(school=school, line=order.lines.get(), course=course)
        return renew_pay_link(order=order, actor=None)


@pytest.fixture
def seller(school, staff):
    return staff(MemberFactory(school=school, role=Role.SALES).user)


@pytest.fixture
def boss(owner, staff):
    return staff(owner)


def page(order: Order) -> str:
    return f"/green/orders/{order.number}/"


def fresh(order: Order) -> Order:
    with school_scope(order.school_id):
        return Order.objects.get(pk=order.pk)


def access_of(order: Order) -> Access:
    with school_scope(order.school_id):
        return OrderAccess.objects.select_related("access").get(order=order).access


def mark_paid(client, order, **change):
    return client.post(f"{page(order)}payment/", {"amount": "1200", "provider": "outside", "comment": "cash"} | change)


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


def refund_address(order: Order) -> str:
    with school_scope(order.school_id):
        return f"{page(order)}payments/{Payment.objects.get().token}/refund/"


@pytest.mark.spec("K03.4")
def test_refund_asks_for_sum_and_access(order, boss):
    mark_paid(boss, order)
    shown = boss.get(refund_address(order)).text
    assert 'value="1200.00"' in shown and "Close the access" in shown and "returns_coupon" not in shown
    boss.post(refund_address(order), {"amount": "200", "reason": "one lesson missed"})
    assert fresh(order).state == "part_refunded"
    assert access_of(order).revoked_at is None
    [total] = boss.get("/green/transactions/", {"q": order.number}).context["totals"]
    assert (total.paid_minor, total.refunded_minor, total.kept_minor) == (120_000, 20_000, 100_000)
    boss.post(refund_address(order), {"amount": "1000", "closes_access": "yes"})
    assert fresh(order).state == "refunded"
    assert access_of(order).revoked_at is not None
    with school_scope(order.school_id):
        assert [(each.amount_minor, each.reason) for each in Refund.objects.order_by("id")] == [
            (20_000, "one lesson missed"),
            (100_000, ""),
        ]


def test_no_more_is_given_back_than_is_left(order, boss):
    mark_paid(boss, order)
    answer = boss.post(refund_address(order), {"amount": "1200.01"})
    assert answer.status_code == 200 and "At most UAH\xa01,200" in answer.text
    assert fresh(order).state == "paid"


def test_sellers_give_no_money_back(order, boss, seller):
    mark_paid(boss, order)
    assert "/refund/" in boss.get(page(order)).text
    assert "/refund/" not in seller.get(page(order)).text
    assert seller.post(refund_address(order), {"amount": "1200"}).status_code == 403


def test_readers_act_on_nothing(order, teammate, staff):
    client = staff(teammate)
    shown = client.get(page(order)).text
    assert order.number in shown
    for action in ("payment/", "cancellation/", "contact/", "link/", "comments/"):
        assert f"{page(order)}{action}" not in shown
        assert client.post(f"{page(order)}{action}", {}).status_code == 403
    assert "/pay/" not in shown


def review(order: Order) -> Payment:
    return a_payment(order, needs_review_at=clock.now(), review_reason="dead_order")


def test_payment_under_review_is_accepted(order, seller):
    payment = review(order)
    shown = seller.get(page(order)).text
    assert "A payment needs your decision" in shown and "after the order was closed" in shown
    seller.post(f"{page(order)}payments/{payment.token}/acceptance/")
    assert fresh(order).state == "paid"
    again = seller.post(f"{page(order)}payments/{payment.token}/acceptance/", follow=True)
    assert "has decided about this payment already" in again.text


def test_payment_under_review_is_given_back(order, boss):
    payment = review(order)
    assert "Give this payment back?" in boss.get(f"{page(order)}payments/{payment.token}/return/").text
    boss.post(f"{page(order)}payments/{payment.token}/return/", {"reason": "too late"})
    with school_scope(order.school_id):
        assert Payment.objects.get().state == "refunded"
    assert fresh(order).state == "pending"


def test_order_moves_to_the_person_it_was_meant_for(order, boss):
    mark_paid(boss, order)
    boss.post(f"{page(order)}contact/", {"email": " Olha@Example.test", "name": "Olha"})
    moved = fresh(order)
    with school_scope(order.school_id):
        assert (moved.contact.email, moved.buyer_name) == ("olha@example.test", "Olha")
    assert access_of(order).contact_id == moved.contact_id
    assert "Enter a valid email" in boss.post(f"{page(order)}contact/", {"email": "nobody"}).text


def shown_link(client, order) -> str:
    found = re.search(r'value="(http[^"]*/pay/[^"]+)"', client.get(page(order)).text)
    assert found
    return found[1]


@pytest.mark.spec("K02.3")
def test_renewing_the_pay_link_stops_the_old_one(order, seller):
    before = shown_link(seller, order)
    assert before.startswith("http://green.localhost")
    old = pay_token(order)
    seller.post(f"{page(order)}link/")
    with school_scope(order.school_id):
        assert order_of_token(old) is None
        assert order_of_token(pay_token(fresh(order))) == order
    assert shown_link(seller, order) != before


@pytest.mark.spec("K02.4")
def test_expired_order_gets_a_new_link_that_works_as_long_as_chosen(school, order, seller):
    with school_scope(school):
        Order.objects.filter(pk=order.pk).update(state="expired", expires_at=clock.now(), closed_at=clock.now())
    assert "The time to pay is over" in seller.get(page(order)).text
    assert "This field is required" in seller.post(f"{page(order)}link/", {}).text
    seller.post(f"{page(order)}link/", {"valid_for": "14"})
    again = fresh(order)
    assert (again.state, again.total_minor) == ("pending", order.total_minor)
    assert (again.expires_at - clock.now()).days in (13, 14)
    assert shown_link(seller, order)


def test_link_is_mailed_to_the_buyer_while_something_is_due(school, order, seller, boss):
    def asked() -> int:
        with school_scope(school):
            return Event.objects.filter(kind="order.link_asked", subject_id=order.pk).count()

    assert "on its way" in seller.post(f"{page(order)}link/mail/", follow=True).text
    assert asked() == 1
    mark_paid(boss, order)
    assert "nothing to pay" in seller.post(f"{page(order)}link/mail/", follow=True).text
    assert asked() == 1


def test_paid_and_closed_orders_show_no_pay_link(order, boss, school):
    mark_paid(boss, order)
    closed = an_order(school, state="expired")
    assert "/pay/" not in boss.get(page(order)).text
    assert "/pay/" not in boss.get(page(closed)).text


@pytest.mark.spec("K01.2")
def test_end_of_one_access_is_its_own(school, offer, order, boss):
    """A date means the end of that day in the school's zone; the offer's next edit does not touch it."""
    mark_paid(boss, order)
    access = access_of(order)
    year = clock.now().year + 1
    boss.post(f"{page(order)}accesses/{access.pk}/", {"last_day": f"{year}-01-31"})
    assert access_of(order).ends_at == datetime(year, 1, 31, 22, tzinfo=UTC)
    assert f'value="{year}-01-31"' in boss.get(f"{page(order)}accesses/{access.pk}/").text
    with school_scope(school):
        type(offer).objects.filter(pk=offer.pk).update(open_for=3)
    assert access_of(order).ends_at == datetime(year, 1, 31, 22, tzinfo=UTC)
    boss.post(f"{page(order)}accesses/{access.pk}/", {"last_day": ""})
    assert access_of(order).ends_at is None


def test_access_cannot_end_before_it_begins(order, boss):
    mark_paid(boss, order)
    answer = boss.post(f"{page(order)}accesses/{access_of(order).pk}/", {"last_day": "2020-01-01"})
    assert answer.status_code == 200 and "begins later than that" in answer.text
    assert access_of(order).ends_at is None


def test_access_is_closed_after_asking(order, boss):
    mark_paid(boss, order)
    address = f"{page(order)}accesses/{access_of(order).pk}/revocation/"
    assert "Close the access?" in boss.get(address).text
    assert access_of(order).revoked_at is None
    boss.post(address, {"reason": "shared it"})
    assert access_of(order).revoked_at is not None
    assert fresh(order).state == "paid"


def test_access_and_payment_of_another_order_are_not_found(school, order, boss):
    mark_paid(boss, order)
    other = an_order(school)
    access = access_of(order)
    assert boss.get(f"{page(other)}accesses/{access.pk}/").status_code == 404
    assert boss.get(refund_address(order).replace(order.number, other.number)).status_code == 404


def test_empty_comment_is_asked_for_again(order, boss):
    answer = boss.post(f"{page(order)}comments/", {"text": " "})
    assert answer.status_code == 200 and "required" in answer.text
