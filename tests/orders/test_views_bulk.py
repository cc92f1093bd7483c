"""Many orders of the list at once."""

import pytest

from orders.models import Order
from orders.services.batches import CANCEL, CANCEL_ALL
from schools.models import Event, OutboxRow
from schools.outbox.effects import effect_of
from schools.roles import Role
from schools.tenancy.scope import school_scope
from tests.factories.schools import MemberFactory
from tests.orders.rows import an_order

pytestmark = pytest.mark.django_db
ADDRESS = "/green/orders/cancellations/"


@pytest.fixture
def client(school, staff):
    return staff(MemberFactory(school=school, role=Role.SALES).user)


def states(school) -> list[str]:
    with school_scope(school):
        return list(Order.objects.order_by("id").values_list("state", flat=True))


def test_asks_first_and_says_how_many(school, client):
    unpaid, paid = an_order(school), an_order(school, state="paid")
    page = client.post(ADDRESS, {"order": [unpaid.number, paid.number]})
    assert page.context["count"].number == 1 and "Cancel the unpaid orders?" in page.text
    assert states(school) == ["pending", "paid"]


def test_cancels_the_unpaid_ones_among_the_ticked(school, client):
    unpaid, paid, _other = an_order(school), an_order(school, state="paid"), an_order(school)
    said = {"order": [unpaid.number, paid.number], "confirm": "1", "reason": "spam"}
    page = client.post(ADDRESS, said, follow=True)
    assert "1 order is canceled." in page.text
    assert states(school) == ["canceled", "paid", "pending"]
    with school_scope(school):
        event = Event.objects.get(kind="order.canceled")
    assert event.actor is not None and event.data == {"reason": "spam"}


def test_nothing_ticked_cancels_nothing(school, client):
    an_order(school)
    assert "Choose orders first." in client.post(ADDRESS, {"confirm": "1"}, follow=True).text
    assert states(school) == ["pending"]


def test_nothing_unpaid_is_said(school, client):
    paid = an_order(school, state="paid")
    assert "nothing to cancel" in client.post(ADDRESS, {"order": [paid.number]}).text


def work_off(school, *kinds: str) -> int:
    """Do the waiting rows of these kinds as the drainer does, until none is left; how many there were."""
    done = 0
    with school_scope(school):
        while row := OutboxRow.objects.filter(kind__in=kinds, done_at=None).order_by("id").first():
            effect_of(row.kind).apply(row)
            row.done_at = row.available_at
            row.save(update_fields=["done_at", "payload"])
            done += 1
    return done


def test_everything_that_fits_is_canceled_by_the_worker_piece_by_piece(school, client, monkeypatch):
    monkeypatch.setattr("orders.services.batches.PIECE", 2)
    for name in ("Olena", "Olena", "Petro", "Olena", "Olena"):
        an_order(school, name=name)
    an_order(school, name="Olena", state="paid")
    client.post(ADDRESS, {"q": "olena", "since": "2020-01-01", "everything": "1", "confirm": "1", "reason": "spam"})
    later = an_order(school, name="Olena")
    assert work_off(school, CANCEL_ALL, CANCEL) == 3 + 4
    assert states(school) == ["canceled", "canceled", "pending", "canceled", "canceled", "paid", "pending"]
    with school_scope(school):
        assert Order.objects.get(pk=later.pk).state == "pending"
        events = Event.objects.filter(kind="order.canceled")
        assert {(event.actor_id is not None, event.data["reason"]) for event in events} == {(True, "spam")}
        assert set(OutboxRow.objects.filter(kind=CANCEL_ALL).values_list("payload__wanted", flat=True)) == {None}


def test_order_paid_meanwhile_is_left_alone(school, client):
    order = an_order(school)
    client.post(ADDRESS, {"everything": "1", "confirm": "1"})
    assert work_off(school, CANCEL_ALL) == 1
    with school_scope(school):
        Order.objects.filter(pk=order.pk).update(state="paid", paid_at=order.created_at)
    assert work_off(school, CANCEL) == 1
    assert states(school) == ["paid"]


def test_sellers_may_and_readers_may_not(school, teammate, staff):
    order = an_order(school)
    assert staff(teammate).post(ADDRESS, {"order": [order.number], "confirm": "1"}).status_code == 403
    assert states(school) == ["pending"]
