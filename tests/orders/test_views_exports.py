"""Files of orders and transactions."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.utils import translation

from schools.roles import Role
from tests.factories.coupons import CouponFactory
from tests.factories.offers import PublishedOfferFactory
from tests.factories.orders import sold_offer
from tests.factories.schools import MemberFactory
from tests.orders.rows import a_payment, an_order
from tests.support.coupons import with_coupon

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 10, 22, 30, tzinfo=UTC)  # half past midnight of the 11th in Kyiv


def table(response) -> list[dict[str, str]]:
    text = response.getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def client(school, staff):
    return staff(MemberFactory(school=school, role=Role.SALES).user)


@pytest.mark.spec("K03.5")
def test_file_equals_the_filtered_screen_in_the_zone_of_the_school(school, client, monkeypatch):
    monkeypatch.setattr("orders.views.exports.PIECE", 2)
    for number in range(5):
        a_payment(an_order(school, name=f"Olena {number}"), created_at=NOON, processed_at=NOON)
    a_payment(an_order(school, name="Petro"), created_at=NOON)
    query = {"q": "olena", "since": "2026-01-11", "until": "2026-01-11"}
    screen = client.get("/green/transactions/", query).context["page"].rows
    answer = client.get("/green/transactions/export/", query)
    assert answer.streaming and "attachment" in answer["Content-Disposition"]
    rows = table(answer)
    assert [row["Transaction"] for row in rows] == [payment.token for payment in screen]
    assert {(row["Created"], row["Processed"]) for row in rows} == {("2026-01-11 00:30:00", "2026-01-11 00:30:00")}
    assert {(row["Amount"], row["Currency"], row["State"]) for row in rows} == {("1200.00", "UAH", "Paid")}


def test_orders_of_the_filtered_screen(school, client):
    offer = PublishedOfferFactory(school=school, title="Yoga")
    order = an_order(school, offer=offer, name="Olena", created_at=NOON, utm={"utm_source": "letter"})
    an_order(school, state="canceled")
    [row] = table(client.get("/green/orders/export/", {"state": "pending"}))
    assert (row["Order"], row["Offer"], row["Name"], row["Total"]) == (order.number, "Yoga", "Olena", "1200.00")
    assert (row["State"], row["Created"], row["utm_source"]) == ("Awaiting payment", "2026-01-11 00:30:00", "letter")


def test_an_order_names_the_coupon_it_was_bought_with(school, client):
    offer = sold_offer(school)
    CouponFactory(school=school, code="SPRING")
    order = with_coupon(offer, email="olena@example.test")
    an_order(school)
    codes = {row["Order"]: row["Coupon code"] for row in table(client.get("/green/orders/export/"))}
    assert codes[order.number] == "SPRING" and sorted(codes.values()) == ["", "SPRING"]


def test_file_speaks_the_language_of_the_page(school, client):
    an_order(school)
    with translation.override("uk"):
        expected = translation.gettext("State")
    answer = client.get("/green/orders/export/", headers={"Accept-Language": "uk"})
    assert expected in table(answer)[0]


@pytest.mark.spec("D4")
def test_names_that_are_formulas_are_text_for_people_and_as_they_are_for_machines(school, client):
    an_order(school, name="=HYPERLINK(1)", created_at=NOON)
    [row] = table(client.get("/green/orders/export/"))
    assert row["Name"] == "'=HYPERLINK(1)"
    [row] = table(client.get("/green/orders/export/", {"raw": "1"}))
    assert (row["name"], row["state"], row["created_at"]) == ("=HYPERLINK(1)", "pending", "2026-01-11T00:30:00+02:00")


def test_ticked_orders_alone(school, client):
    first, second, _third = (an_order(school) for _ in range(3))
    answer = client.post("/green/orders/export/", {"order": [first.number, second.number]})
    assert {row["Order"] for row in table(answer)} == {first.number, second.number}


def test_everything_that_fits_rather_than_what_is_ticked(school, client):
    first, second = an_order(school, name="Olena"), an_order(school, name="Olena")
    an_order(school, name="Petro")
    answer = client.post("/green/orders/export/", {"q": "olena", "everything": "1", "order": [first.number]})
    assert {row["Order"] for row in table(answer)} == {first.number, second.number}


def test_nothing_ticked_is_no_file_of_everything(school, client):
    an_order(school)
    answer = client.post("/green/orders/export/", {"q": "olena"})
    assert (answer.status_code, answer.url) == (302, "/green/orders/?q=olena")


def test_another_school_is_not_in_the_file(school, other_school, client):
    theirs = an_order(other_school)
    assert table(client.get("/green/orders/export/")) == []
    assert table(client.post("/green/orders/export/", {"order": [theirs.number]})) == []


def test_file_reads_in_pieces_with_a_fixed_number_of_queries_each(
    school, client, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr("orders.views.exports.PIECE", 3)
    for _ in range(3):
        a_payment(an_order(school))
    answer = client.get("/green/transactions/export/")
    with django_assert_max_num_queries(12):  # two pieces: savepoint, scope, rows, what is beside them, release
        assert len(table(answer)) == 3
