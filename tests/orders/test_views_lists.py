"""The lists of orders and transactions."""

from datetime import UTC, datetime

import pytest

from schools.roles import Role
from tests.factories.offers import PublishedOfferFactory
from tests.factories.schools import MemberFactory
from tests.orders.rows import a_payment, an_order

pytestmark = pytest.mark.django_db
ORDERS, TRANSACTIONS = "/green/orders/", "/green/transactions/"


def numbers(response) -> list[str]:
    return [order.number for order in response.context["page"].rows]


def tokens(response) -> list[str]:
    return [payment.token for payment in response.context["page"].rows]


@pytest.mark.parametrize("address", [ORDERS, TRANSACTIONS])
def test_empty_list_says_what_comes_here(school, owner, staff, address):
    assert "No " in staff(owner).get(address).text
    assert "fits" in staff(owner).get(address, {"q": "nobody"}).text


def test_filters_of_orders(school, owner, staff):
    offer = PublishedOfferFactory(school=school, title="Yoga")
    paid = an_order(school, offer=offer, state="paid", name="Olena Koval", email="olena@example.test")
    waiting = an_order(school, source="manual", name="Petro Koval")
    tested = an_order(school, is_test=True, state="canceled")
    a_payment(waiting, needs_review_at=datetime(2026, 1, 1, tzinfo=UTC), review_reason="amount")
    client = staff(owner)

    def found(**query):
        return {order.number for order in client.get(ORDERS, query).context["page"].rows}

    assert found() == {paid.number, waiting.number, tested.number}
    assert found(q="koval") == {paid.number, waiting.number}
    assert found(q="kov ole") == {paid.number}
    assert found(q="olena@example") == {paid.number}
    assert found(q=paid.number.lower()[:5]) == {paid.number}
    assert found(q="yoga") == {paid.number}
    assert found(state="paid") == {paid.number}
    assert found(offer=offer.token) == {paid.number}
    assert found(source="manual") == {waiting.number}
    assert found(review="on") == {waiting.number}
    assert found(test="only") == {tested.number}
    assert found(test="without") == {paid.number, waiting.number}
    assert found(q="koval", state="paid", test="without") == {paid.number}
    assert found(state="nonsense", since="yesterday", offer="none") == {paid.number, waiting.number, tested.number}


def test_days_are_days_of_the_school(school, owner, staff):
    """Kyiv is two hours ahead of UTC in winter: 22:30 UTC is the next day."""
    late = an_order(school, created_at=datetime(2026, 1, 10, 21, 59, tzinfo=UTC))
    next_day = an_order(school, created_at=datetime(2026, 1, 10, 22, 0, tzinfo=UTC))
    client = staff(owner)
    assert numbers(client.get(ORDERS, {"since": "2026-01-11"})) == [next_day.number]
    assert numbers(client.get(ORDERS, {"until": "2026-01-10"})) == [late.number]
    assert numbers(client.get(ORDERS, {"since": "2026-01-10", "until": "2026-01-11"})) == [next_day.number, late.number]


def test_filters_are_in_the_address_and_can_be_taken_off(school, owner, staff):
    an_order(school)
    page = staff(owner).get(ORDERS, {"q": "buyer", "source": "checkout", "since": "2020-01-01"})
    form = page.context["form"]
    assert [(chip.label, chip.value, chip.without) for chip in form.chips] == [
        ("From", "Jan 1, 2020", "?q=buyer&source=checkout"),
        ("Source", "Checkout", "?q=buyer&since=2020-01-01"),
    ]
    assert form.address(state="paid") == "?q=buyer&since=2020-01-01&source=checkout&state=paid"


def test_part_of_the_page_for_htmx(school, owner, staff):
    order = an_order(school)
    part = staff(owner).get(ORDERS, {"q": "buyer"}, headers={"HX-Request": "true"}).text
    assert order.number in part and "<html" not in part


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("address", [ORDERS, TRANSACTIONS])
def test_list_takes_as_many_queries_for_three_rows_as_for_one(
    school, owner, staff, count, address, django_assert_num_queries
):
    offer = PublishedOfferFactory(school=school)
    for _ in range(count):
        a_payment(an_order(school, offer=offer))
    client = staff(owner)
    client.get(address)
    # Session, user, school; savepoint, scope, member, rows with two kinds of rows beside them, count, release, scope
    # back; the orders' choice of offers.
    with django_assert_num_queries(13 if address == ORDERS else 12):
        assert len(client.get(address).context["page"].rows) == count


def test_count_stops_at_its_limit(school, owner, staff, monkeypatch):
    monkeypatch.setattr("orders.selectors.lists.COUNT_LIMIT", 2)
    for _ in range(3):
        an_order(school)
    client = staff(owner)
    assert "more than 2" in client.get(ORDERS).text
    assert "more than" not in client.get(ORDERS, {"q": client.get(ORDERS).context["page"].rows[0].number}).text


def test_filters_of_transactions(school, owner, staff):
    order = an_order(school, name="Olena")
    failed = a_payment(order, state="failed", provider="outside")
    paid = a_payment(order)
    other = a_payment(an_order(school), is_test=True, needs_review_at=datetime(2026, 1, 1, tzinfo=UTC))
    client = staff(owner)

    def found(**query):
        return set(tokens(client.get(TRANSACTIONS, query)))

    assert found() == {failed.token, paid.token, other.token}
    assert found(q="olena") == {failed.token, paid.token}
    assert found(q=order.number) == {failed.token, paid.token}
    assert found(q=failed.token) == {failed.token}
    assert found(q="x" * 12) == set()
    assert found(state="failed") == {failed.token}
    assert found(provider="outside") == {failed.token}
    assert found(test="only") == {other.token}
    assert found(review="on") == {other.token}


def test_totals_are_by_currency_and_of_lists_that_can_be_counted(school, owner, staff, monkeypatch):
    a_payment(an_order(school), state="part_refunded", refunded_minor=20_000)
    a_payment(an_order(school))
    a_payment(an_order(school, currency="EUR", total_minor=5_000))
    a_payment(an_order(school), is_test=True)
    a_payment(an_order(school), state="failed")
    client = staff(owner)

    def totals(**query):
        shown = client.get(TRANSACTIONS, query).context["totals"]
        return [(each.currency, each.payments, each.kept_minor) for each in shown]

    assert totals(since="2020-01-01") == [("EUR", 1, 5_000), ("UAH", 2, 220_000)]
    assert totals(state="captured") == [("EUR", 1, 5_000), ("UAH", 1, 120_000)]
    assert totals() == []
    monkeypatch.setattr("orders.selectors.lists.COUNT_LIMIT", 4)
    assert totals(since="2020-01-01") == []


def test_word_of_many_orders_is_searched_another_way_with_the_same_result(school, owner, staff, monkeypatch):
    mine = [an_order(school, name=f"Olena {number}") for number in range(3)]
    an_order(school, name="Petro")
    a_payment(mine[0])
    client = staff(owner)

    def found():
        shown = numbers(client.get(ORDERS, {"q": "olena exam"}))
        return shown, tokens(client.get(TRANSACTIONS, {"q": "olena"}))

    by_few = found()
    assert len(by_few[0]) == 3 and len(by_few[1]) == 1
    monkeypatch.setattr("schools.search.FEW_HITS", 0)
    assert found() == by_few


@pytest.mark.parametrize(("role", "sees"), [(Role.SALES, True), (Role.SUPPORT, False)])
def test_export_is_offered_to_those_who_may(school, staff, role, sees):
    an_order(school)
    client = staff(MemberFactory(school=school, role=role).user)
    assert ("Export all as CSV" in client.get(ORDERS).text) is sees
    assert client.get("/green/orders/export/").status_code == (200 if sees else 403)


def test_orders_of_another_school_are_not_in_the_list(school, other_school, owner, staff):
    theirs = an_order(other_school)
    assert numbers(staff(owner).get(ORDERS)) == []
    assert staff(owner).get(f"{ORDERS}{theirs.number}/").status_code == 404
