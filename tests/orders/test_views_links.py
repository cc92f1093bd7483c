"""The pay link on an order's page: shown, renewed, mailed."""

import re

import pytest

from kwiga import clock
from orders.links import order_of_token, pay_token
from orders.models import Order
from schools.models import Event
from schools.tenancy.scope import school_scope
from tests.orders.rows import an_order
from tests.support.order_pages import fresh, mark_paid, page

pytestmark = pytest.mark.django_db


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
