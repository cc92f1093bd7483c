"""What a browser may send to the checkout: whatever it is, the price is the server's."""

import re
from typing import Any

import pytest

from offers.models import Offer
from offers.services import QuestionTerms, archive_offer
from orders.links import order_of_token
from orders.models import Order
from schools.tenancy.scope import school_scope
from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import WHO, address_of, contacts_of, fields_of, orders_of, set_on, submit

PRICE = 120_000
HUGE = "9" * 40
MUTATIONS = [
    {"shown_total": "0"},
    {"shown_total": "-1"},
    {"shown_total": HUGE},
    {"shown_total": "1e5"},
    {"shown_total": "١٢٠٠٠٠"},
    {"shown_total": ""},
    {"shown_total": None},
    {"shown_currency": "JPY"},
    {"shown_currency": ""},
    {"shown_currency": None},
    {"shown_currency": "UAHX" * 500},
    {"shown_code": "SPRING"},
    {"shown_code": None},
    {"coupon": "SPRING"},
    {"coupon": "x" * 10_000},
    {"coupon": "\x00"},
    {"coupon": None},
    {"key": ""},
    {"key": None},
    {"key": "short"},
    {"key": "k" * 65},
    {"key": "'; DROP TABLE orders_order;--"},
    {"email": ""},
    {"email": None},
    {"email": "no address"},
    {"email": "a" * 300 + "@b.test"},
    {"email": "a@b.test\r\nBcc: c@d.test"},
    {"email": "\x00@b.test"},
    {"name": ""},
    {"name": None},
    {"name": "n" * 10_000},
    {"name": "\x00"},
    {"question_0": "x"},
    {"terms_0": "on"},
    {"terms_999999999999999999999": "on"},
    {"price_minor": "1"},
    {"total_minor": "1"},
    {"discount_minor": "120000"},
    {"offer": "1"},
    {"offer_token": "anothertoken"},
    {"school": "1"},
    {"school_id": "1"},
    {"contact": "1"},
    {"price": ["1", "2"]},
    {"shown_total": ["0", "120000"]},
    {"shown_total": ["120000", "0"]},
    {"email": ["a@b.test", "c@d.test"]},
    {"key": ["", "0123456789abcdef0123"]},
]


@pytest.mark.spec("C6: whatever is posted, the total is the server's or the answer a clear refusal")
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: "-".join(mutation) + str(mutation)[-20:])
def test_no_posted_field_changes_the_price(school, visitor, mutation):
    offer = sold_offer(school, price_minor=PRICE)
    answer = submit(visitor(school), offer, **mutation)
    orders = orders_of(school)
    assert answer.status_code in {200, 303, 400}
    assert (answer.status_code == 303) == (len(orders) == 1)
    assert [(order.total_minor, order.discount_minor, order.currency) for order in orders] in (
        [],
        [(PRICE, 0, "UAH")],
    )
    if answer.status_code == 200:
        assert 'role="alert"' in answer.text or 'aria-invalid="true"' in answer.text or "not valid here" in answer.text


@pytest.mark.spec("C6")
def test_the_address_alone_says_what_is_bought_and_where(school, other_school, visitor):
    """A form of one offer sent to another, of the same school or of the next, buys what stands at that address."""
    ours, dear = sold_offer(school, price_minor=PRICE), sold_offer(school, price_minor=500_000)
    theirs = sold_offer(other_school, price_minor=300)
    client = visitor(school)
    cheap = fields_of(visitor(other_school).get(address_of(theirs))) | WHO
    assert client.post(address_of(theirs), cheap).status_code == 404
    assert client.post(address_of(ours), cheap).status_code == 200
    assert client.post(address_of(dear), fields_of(client.get(address_of(ours))) | WHO).status_code == 200
    assert orders_of(school) == orders_of(other_school) == []


@pytest.mark.spec("C6")
@pytest.mark.parametrize("status", ["draft", "archived"])
def test_what_went_off_sale_meanwhile_is_not_sold(school, visitor, status):
    offer = sold_offer(school)
    client = visitor(school)
    said = fields_of(client.get(address_of(offer))) | WHO
    if status == "archived":
        with school_scope(school):
            archive_offer(offer=Offer.objects.get(pk=offer.pk), actor=None)
    else:
        set_on(offer, status=status)
    assert client.post(address_of(offer), said).status_code in {404, 410}
    assert orders_of(school) == []


def test_a_purchase_leads_to_its_own_pay_page(school, visitor):
    offer = sold_offer(school)
    answer = submit(visitor(school), offer)
    assert answer.status_code == 303
    found = re.fullmatch(r"/pay/([\w-]+)/", answer.headers["Location"])
    with school_scope(school):
        assert found and order_of_token(found[1]) == Order.objects.get()


@pytest.mark.spec("K32.4: a failure at each step leaves a state that can be retried")
def test_whatever_goes_wrong_leaves_nothing_and_can_be_tried_again(school, visitor):
    offer = sold_offer(school, seats=1)
    client = visitor(school)
    said = fields_of(client.get(address_of(offer))) | WHO

    def tried(**changes: str) -> Any:
        answer = client.post(address_of(offer), said | changes)
        assert answer.status_code == 200 and orders_of(school) == [] and contacts_of(school) == []
        return answer

    tried(email="no address")
    tried(shown_total="1")
    set_on(offer, seats_taken=1)
    tried()
    set_on(offer, seats_taken=0)
    bought = client.post(address_of(offer), said)
    assert bought.status_code == 303
    for _ in range(2):
        assert client.get(bought.headers["Location"]).status_code == 200


# --- Once ---


@pytest.mark.spec("P5: the same form twice is one order")
def test_the_same_form_twice_makes_one_order(school, visitor):
    offer = sold_offer(school)
    client = visitor(school)
    said = fields_of(client.get(address_of(offer))) | WHO
    first, second = client.post(address_of(offer), said), client.post(address_of(offer), said)
    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    assert len(orders_of(school)) == 1
    third = client.post(address_of(offer), said | {"name": "Somebody else"})
    assert third.status_code == 409 and "sent before with other answers" in third.text
    assert fields_of(third)["key"] != said["key"] and len(orders_of(school)) == 1


@pytest.mark.spec("P5: the form that took the last seat finds its order again")
def test_the_same_form_finds_its_order_though_it_took_the_last_seat(school, visitor):
    offer, buyer = sold_offer(school, seats=1), visitor(school)
    form = fields_of(buyer.get(address_of(offer))) | WHO
    first, second = buyer.post(address_of(offer), form), buyer.post(address_of(offer), form)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"]
    assert len(orders_of(school)) == 1


def test_in_the_same_browser_a_new_form_takes_the_own_seat_over(school, visitor):
    offer, buyer = sold_offer(school, seats=1), visitor(school)
    forms = [fields_of(buyer.get(address_of(offer))) | WHO for _number in range(2)]
    for form in forms:
        assert buyer.post(address_of(offer), form).status_code == 303
    assert sorted(order.state for order in orders_of(school)) == ["canceled", "pending"]


def test_each_page_is_a_new_order(school, visitor):
    offer = sold_offer(school)
    client = visitor(school)
    keys = {fields_of(client.get(address_of(offer)))["key"] for _ in range(3)}
    assert len(keys) == 3 and all(len(key) >= 20 for key in keys)


def test_a_form_without_the_token_of_this_browser_is_refused(school, visitor):
    offer = sold_offer(school)
    client = visitor(school)
    said = fields_of(client.get(address_of(offer))) | WHO
    client.handler.enforce_csrf_checks = True
    said.pop("csrfmiddlewaretoken", None)
    assert client.post(address_of(offer), said).status_code == 403
    assert orders_of(school) == []


# --- Carried along ---


def test_where_the_buyer_came_from_is_kept_on_the_order(school, visitor):
    offer = sold_offer(school)
    query = "?utm_source=mail&utm_medium=news&utm_campaign=%00may&coupon=X&lang=uk&other=1"
    wrong = submit(visitor(school), offer, query, email="wrong")
    assert f'action="/o/{offer.token}?utm_source=mail' in wrong.text
    assert submit(visitor(school), offer, query).status_code == 303
    order = orders_of(school)[0]
    assert order.utm == {"utm_source": "mail", "utm_medium": "news", "utm_campaign": "may"}
    assert order.language == "uk"


def test_what_was_typed_stays_when_something_is_wrong(school, visitor):
    offer = sold_offer(school, questions=(QuestionTerms(label="Level?", is_required=True),))
    page = submit(visitor(school), offer, email="me@b.test", name="Me & <Co>")
    said = fields_of(page)
    assert (said["email"], said["name"]) == ("me@b.test", "Me & <Co>")
    assert "This field is required." in page.text
