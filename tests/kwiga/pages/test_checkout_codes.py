"""A code that is not valid, or not asked for, hinders no purchase."""

from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import address_of, fields_of, orders_of, submit

PRICE = 120_000


def test_an_unknown_code_is_answered_in_one_sentence_and_does_not_block(school, visitor):
    offer = sold_offer(school)
    client = visitor(school)
    applied = submit(client, offer, coupon="NOPE", apply="1", email="typed@b.test", name="Typed")
    assert applied.status_code == 200 and "This code is not valid here" in applied.text
    assert orders_of(school) == []
    said = fields_of(applied)
    assert (said["coupon"], said["email"], said["name"]) == ("NOPE", "typed@b.test", "Typed")
    assert 'aria-invalid="true"' not in applied.text
    assert client.post(address_of(offer), said).status_code == 303
    assert [order.total_minor for order in orders_of(school)] == [PRICE]


def test_a_code_typed_and_not_applied_is_answered_before_anything_is_bought(school, visitor):
    offer = sold_offer(school)
    page = submit(visitor(school), offer, coupon="TYPED")
    assert page.status_code == 200 and "This code is not valid here" in page.text and orders_of(school) == []


def test_a_code_in_the_link_is_carried_and_does_not_block(school, visitor):
    offer = sold_offer(school)
    client = visitor(school)
    page = client.get(address_of(offer, "?coupon=spring"))
    assert fields_of(page)["coupon"] == fields_of(page)["shown_code"] == "spring"
    assert "This code is not valid here" in page.text
    assert submit(client, offer, "?coupon=spring").status_code == 303


def test_the_quote_is_the_summary_alone(school, visitor):
    offer = sold_offer(school)
    answer = visitor(school).post(f"/o/{offer.token}/quote/", {"coupon": "NOPE"}, headers={"HX-Request": "true"})
    text = " ".join(answer.text.split())
    assert text.startswith('<div id="summary"') and "<html" not in text
    assert f'data-total-minor="{PRICE}" data-discount-minor="0" data-currency="UAH"' in text
    assert "This code is not valid here" in text and 'name="shown_code" value="NOPE"' in text


def test_an_offer_without_coupons_shows_no_field(school, visitor):
    offer = sold_offer(school, allows_coupons=False)
    page = visitor(school).get(address_of(offer, "?coupon=SPRING"))
    assert "coupon" not in fields_of(page) and fields_of(page)["shown_code"] == ""
    assert "This code is not valid here" not in page.text


def test_a_free_offer_asks_for_no_code(school, visitor):
    offer = sold_offer(school, price_minor=0)
    client = visitor(school)
    assert "coupon" not in fields_of(client.get(address_of(offer, "?coupon=SPRING")))
    assert submit(client, offer, "?coupon=SPRING").status_code == 303
