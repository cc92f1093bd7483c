"""The address of an offer in each of its states: draft, unlisted, free, archived, sold out, out of season."""

from datetime import timedelta

import pytest

from courses.models import Access
from kwiga import clock
from offers.models import Offer
from offers.previews import preview_token
from offers.services import archive_offer
from orders.models import Order
from schools.tenancy.scope import school_scope
from tests.factories.offers import OfferFactory
from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import address_of, fields_of, now_in, orders_of, set_on, submit


@pytest.mark.spec("K22.1: a draft's link is not found by visitors and shows a preview to staff")
def test_a_draft_is_not_found_but_can_be_previewed(school, visitor):
    draft = OfferFactory(school=school, title="Not yet public")
    client = visitor(school)
    assert client.get(address_of(draft)).status_code == 404
    assert client.get(address_of(draft, "?preview=made-up")).status_code == 404
    query = f"?preview={preview_token(draft)}"
    page = client.get(address_of(draft, query))
    assert page.status_code == 200 and "Nothing can be bought here" in page.text and "Not yet public" in page.text
    assert 'id="checkout"' not in page.text
    client.post(address_of(draft, query), {"email": "a@b.test", "name": "A"})
    assert orders_of(school) == []


@pytest.mark.spec("K22.2: an unlisted offer's link works, the store does not show it")
def test_an_unlisted_offer_is_sold_by_its_link_alone(school, visitor):
    offer = sold_offer(school, title="By invitation", is_listed=False)
    client = visitor(school)
    assert "By invitation" not in client.get("/").text
    assert client.get(address_of(offer)).status_code == 200
    assert submit(client, offer).status_code == 303


@pytest.mark.spec("K22.3: a price of zero has no step of payment")
def test_a_free_offer_is_had_at_once(school, visitor):
    offer = sold_offer(school, price_minor=0)
    client = visitor(school)
    assert "Get it free" in client.get(address_of(offer)).text
    answer = submit(client, offer)
    order = orders_of(school)[0]
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/done/")
    assert order.state == Order.State.PAID
    with school_scope(school):
        assert Access.objects.filter(contact=order.contact).count() == 1
    thanks = client.get(answer.headers["Location"])
    assert thanks.status_code == 200 and order.number in thanks.text


@pytest.mark.spec("K22.4: archived means no new orders; who bought keeps access")
def test_an_archived_offer_says_that_sales_are_closed(school, visitor):
    offer = sold_offer(school, price_minor=0, title="Last year")
    client = visitor(school)
    submit(client, offer)
    page = client.get(address_of(offer))
    with school_scope(school):
        archive_offer(offer=Offer.objects.get(pk=offer.pk), actor=None)
    closed = client.get(address_of(offer))
    assert closed.status_code == 410 and "Sales are closed" in closed.text and "Last year" in closed.text
    late = client.post(address_of(offer), fields_of(page) | {"email": "late@b.test", "name": "Late"})
    assert late.status_code == 410 and len(orders_of(school)) == 1
    with school_scope(school):
        assert Access.objects.open_at(clock.now()).count() == 1


@pytest.mark.spec("K22.5: links of two schools never collide")
def test_the_same_address_in_two_schools_is_two_offers(school, other_school, visitor):
    ours = sold_offer(school, title="Ours", token="sametoken123")
    sold_offer(other_school, title="Theirs", token="sametoken123")
    assert "Ours" in visitor(school).get(address_of(ours)).text
    theirs = visitor(other_school).get(address_of(ours)).text
    assert "Theirs" in theirs and "Ours" not in theirs
    only_ours = sold_offer(school, title="Only ours")
    assert visitor(other_school).get(address_of(only_ours)).status_code == 404


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"seats": 2, "seats_taken": 2}, "Sold out"),
        ({"sales_start_at": timedelta(days=2)}, "Not on sale yet"),
        ({"sales_end_at": timedelta(days=-2)}, "Sales have ended"),
    ],
)
def test_what_cannot_be_bought_says_why_and_sells_nothing(school, visitor, columns, said):
    offer = sold_offer(school)
    client = visitor(school)
    before = client.get(address_of(offer))
    now = now_in(school)
    shifted = {name: now + value if isinstance(value, timedelta) else value for name, value in columns.items()}
    set_on(offer, **shifted)
    page = client.get(address_of(offer))
    assert page.status_code == 200 and said in page.text
    assert 'id="checkout"' not in page.text and 'id="summary"' in page.text
    late = client.post(address_of(offer), fields_of(before) | {"email": "a@b.test", "name": "A"})
    assert said in late.text and orders_of(school) == []
    assert client.post(f"/o/{offer.token}/quote/").status_code == 404


def test_unknown_addresses_are_not_found(school, visitor):
    client = visitor(school)
    assert client.get("/o/NoSuchOffer1").status_code == 404
    assert client.post("/o/NoSuchOffer1/quote/").status_code == 404
    assert client.get("/o/%00/").status_code == 404
