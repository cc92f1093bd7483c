"""An order whose coupon went while it was unpaid: the buyer is led to a new one, with the form as it was filled in."""

from datetime import timedelta

import pytest

from kwiga import clock
from offers.services import QuestionTerms
from orders.services.closing import release_hold
from schools.tenancy.scope import school_scope
from tests.factories.coupons import CouponFactory
from tests.factories.orders import ConnectionFactory, PlacedOrderFactory, sold_offer
from tests.kwiga.pages.buyers import address_of, fields_of, now_in, orders_of, submit

ORDER_AGAIN = "Order again without the code"


@pytest.fixture
def ways(school):
    return ConnectionFactory(school=school, is_test=True)


@pytest.fixture
def offer(school, ways):
    CouponFactory(school=school, code="ONCE", max_uses=1)
    return sold_offer(school, price_minor=120_000, phone="optional", questions=(QuestionTerms(label="Your level?"),))


def question_of(fields):
    return next(name for name in fields if name.startswith("question_"))


@pytest.fixture
def stranded(school, visitor, offer):
    """A browser with the pay link of an order whose coupon somebody else holds by now, and when that is."""
    client = visitor(school)
    question = question_of(fields_of(client.get(address_of(offer))))
    paying = submit(client, offer, "?coupon=ONCE", phone="+380441234567", **{question: "B2"}).headers["Location"]
    later = now_in(school) + timedelta(minutes=31)
    with clock.at(later):
        with school_scope(school):
            release_hold(order=orders_of(school)[0])
        PlacedOrderFactory(offer=offer, code="ONCE", shown_total_minor=108_000)
    return client, paying, later


def test_the_pay_page_leads_to_an_order_without_the_code(school, offer, ways, stranded):
    client, paying, later = stranded
    with clock.at(later):
        page = client.post(paying, {"method": ways.token})
        assert page.status_code == 200 and "cannot be used any more" in page.text and ORDER_AGAIN in page.text
        assert ways.token not in page.text  # what cannot be paid is not asked for
        order = orders_of(school)[0]
        again = f"{address_of(offer)}?again={order.number}"
        assert f'href="{again}"' in page.text
        form = fields_of(client.get(again))
        assert {form[name] for name in ("email", "name", "phone")} == {
            "buyer@example.test",
            "Olena Buyer",
            "+380441234567",
        }
        assert form[question_of(form)] == "B2" and form["coupon"] == "" and form["shown_total"] == "120000"
        assert client.post(again, form).status_code == 303
    last = orders_of(school)[-1]
    assert (last.state, last.discount_minor, last.total_minor) == ("pending", 0, 120_000)
    assert last.answers == [{"label": "Your level?", "text": "B2"}]


def test_nobody_else_reads_the_form_of_an_order(school, visitor, offer, stranded):
    client, _paying, _later = stranded
    number = orders_of(school)[0].number
    for reader, address in (
        (visitor(school), address_of(offer)),
        (client, address_of(sold_offer(school))),
    ):
        page = reader.get(f"{address}?again={number}")
        assert page.status_code == 200 and "buyer@example.test" not in page.text and fields_of(page)["email"] == ""
    assert client.get(f"{address_of(offer)}?again=%00").status_code == 200
