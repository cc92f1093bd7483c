"""The accesses of an order: until when, and closed."""

from datetime import UTC, datetime

import pytest

from kwiga import clock
from schools.tenancy.scope import school_scope
from tests.orders.rows import an_order
from tests.support.order_pages import access_of, fresh, mark_paid, page, refund_address

pytestmark = pytest.mark.django_db


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
