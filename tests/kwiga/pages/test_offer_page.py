"""The page of an offer: what it says, at which price, and for how many queries."""

from datetime import timedelta

import pytest

from kwiga import clock
from offers.services import QuestionTerms
from tests.factories.contacts import ContactFactory, student_browser
from tests.factories.courses import CourseFactory
from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import (
    address_of,
    boxes_of,
    contacts_of,
    counted,
    document_of,
    fields_of,
    now_in,
    offer_with_terms,
    orders_of,
    set_on,
    submit,
)

PAY = "UAH\N{NO-BREAK SPACE}1,200"


# --- What stands on it ---


def test_the_page_says_what_one_gets_and_what_one_pays(school, visitor):
    set_on(school, legal_name="Green LLC", contact_email="help@green.test", tax_note="VAT included.")
    offer = sold_offer(school, title="English for work", open_for=30, seats=10)
    text = visitor(school).get(address_of(offer)).text
    for said in (
        "English for work",
        "Sample course",
        "for 30 days from the purchase",
        "10 seats left",
        "Sold by Green LLC",
        "help@green.test",
        "VAT included.",
        f"Pay {PAY}",
    ):
        assert said in text


def test_the_summary_can_be_read_by_scripts(school, visitor):
    offer = sold_offer(school, price_minor=120_000)
    text = " ".join(visitor(school).get(address_of(offer)).text.split())
    assert 'id="summary"' in text
    assert 'data-total-minor="120000" data-discount-minor="0" data-currency="UAH"' in text


def test_numbers_for_scripts_are_plain_in_every_language(school, visitor):
    offer = sold_offer(school, price_minor=123_456_700)
    for language in ("en", "uk", "pl"):
        page = visitor(school).get(address_of(offer, f"?lang={language}"))
        assert 'data-total-minor="123456700"' in page.text
        assert fields_of(page)["shown_total"] == "123456700"


def test_a_guest_fills_in_two_fields_and_a_student_none(school, visitor):
    offer = sold_offer(school)
    assert {"email", "name"} <= fields_of(visitor(school).get(address_of(offer))).keys()
    signed_in = student_browser(ContactFactory(school=school, email="me@example.test"))
    page = signed_in.get(address_of(offer))
    assert not {"email", "name", "phone"} & fields_of(page).keys()
    assert "me@example.test" in page.text


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_address_may_end_with_a_slash(school, visitor, slash):
    offer = sold_offer(school)
    assert visitor(school).get(f"/o/{offer.token}{slash}").status_code == 200


@pytest.mark.parametrize(
    "query", ["?coupon=SPRING", "?coupon=", "?coupon=%3Cscript%3Ealert(1)%3C/script%3E", "?coupon=" + "x" * 3_000]
)
def test_a_code_in_the_link_never_hinders_anybody(school, visitor, query):
    offer = sold_offer(school)
    page = visitor(school).get(address_of(offer, query))
    assert page.status_code == 200 and f"Pay {PAY}" in page.text
    assert "<script>alert(1)" not in page.text


def test_what_a_school_writes_cannot_run_as_code(school, visitor):
    offer = sold_offer(school, title="<script>alert(1)</script>", description="<p>Hi<img src=x onerror=alert(1)></p>")
    set_on(offer, description="<img src=x onerror=alert(1)>", summary="<b>now</b>", difference="<i>x</i>")
    text = visitor(school).get(address_of(offer)).text
    assert "<script>alert(1)" not in text and "onerror=" not in text
    assert "<b>now" not in text and "<i>x" not in text


def test_search_engines_are_told_what_is_public(school, visitor):
    listed = sold_offer(school, summary="Eight weeks")
    hidden = sold_offer(school, is_listed=False)
    text = visitor(school).get(address_of(listed)).text
    assert '<meta name="description" content="Eight weeks">' in text and 'property="og:title"' in text
    assert 'content="noindex"' not in text
    assert 'content="noindex"' in visitor(school).get(address_of(hidden)).text


# --- The price ---


@pytest.mark.spec("K18.1: one second after the end the page shows the normal price and the server charges it")
def test_the_promo_price_ends_by_itself(school, visitor):
    ends = now_in(school) + timedelta(hours=3)
    offer = sold_offer(school, price_minor=120_000, promo_price_minor=90_000, promo_ends_at=ends)
    client = visitor(school)
    with clock.at(ends - timedelta(seconds=1)):
        shown = client.get(address_of(offer))
        assert fields_of(shown)["shown_total"] == "90000"
        assert "<s>" in shown.text
    with clock.at(ends + timedelta(seconds=1)):
        page = client.get(address_of(offer))
        assert fields_of(page)["shown_total"] == "120000" and "<s>" not in page.text
        refused = client.post(address_of(offer), fields_of(shown) | {"email": "a@b.test", "name": "A"})
        assert refused.status_code == 200 and "The price has changed" in refused.text
        assert orders_of(school) == []
        assert submit(client, offer).status_code == 303
    assert [order.total_minor for order in orders_of(school)] == [120_000]


@pytest.mark.spec("K18.3: the countdown uses the server's time")
def test_the_time_left_is_the_servers(school, visitor):
    ends = now_in(school) + timedelta(hours=3)
    offer = sold_offer(school, promo_price_minor=90_000, promo_ends_at=ends)
    with clock.at(ends - timedelta(seconds=754)):
        assert 'data-seconds-left="754"' in visitor(school).get(address_of(offer)).text


def test_the_end_of_a_promo_names_the_zone(school, visitor):
    set_on(school, time_zone="America/New_York")
    offer = sold_offer(school, promo_price_minor=1, promo_ends_at=clock.now().replace(2031, 3, 1, 12, 0, 0, 0))
    assert "Mar 1, 2031, 07:00 (New York)" in visitor(school).get(address_of(offer)).text


@pytest.mark.spec("K18.5: a cached page never sells at the old price")
def test_pages_with_prices_are_not_kept_by_caches_and_an_old_one_sells_nothing(school, visitor):
    offer = sold_offer(school, price_minor=120_000)
    course = CourseFactory(school=school)
    client = visitor(school)
    old = client.get(address_of(offer))
    for address in ("/", address_of(offer), f"/courses/{course.token}/"):
        kept = client.get(address).headers["Cache-Control"]
        assert "private" in kept and "no-cache" in kept and "max-age=0" in kept
    set_on(offer, price_minor=150_000)
    page = client.post(address_of(offer), fields_of(old) | {"email": "a@b.test", "name": "Typed Name"})
    assert page.status_code == 200 and orders_of(school) == []
    assert "The price has changed" in page.text and "Pay UAH\N{NO-BREAK SPACE}1,500" in page.text
    said = fields_of(page)
    assert said["email"] == "a@b.test" and said["name"] == "Typed Name" and said["key"] != fields_of(old)["key"]
    assert client.post(address_of(offer), said).status_code == 303
    assert [order.total_minor for order in orders_of(school)] == [150_000]


# --- What it costs ---


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_an_offer_takes_five_queries(school, visitor, count, count_queries):
    documents = [document_of(school, f"Document {number}") for number in range(count)]
    offer = offer_with_terms(
        school, documents[0], questions=tuple(QuestionTerms(label=f"Question {number}") for number in range(count))
    )
    client = visitor(school)
    with count_queries() as queries:
        page = client.get(address_of(offer))
    assert page.status_code == 200 and boxes_of(page)
    statements = counted(queries)
    assert len(statements) <= 5, statements


@pytest.mark.parametrize(("code", "count"), [("", 2), ("SPRING", 3)])
def test_the_quote_takes_two_queries_and_a_code_one_more(school, visitor, count_queries, code, count):
    offer = sold_offer(school)
    client = visitor(school)
    with count_queries() as queries:
        answer = client.post(f"/o/{offer.token}/quote/", {"coupon": code})
    assert answer.status_code == 200
    statements = counted(queries)
    assert len(statements) <= count, statements


def test_opening_a_page_makes_nothing(school, visitor):
    offer = sold_offer(school)
    client = visitor(school)
    client.get(address_of(offer, "?utm_source=mail"))
    client.post(f"/o/{offer.token}/quote/", {"coupon": "X", "email": "a@b.test"})
    assert orders_of(school) == [] and contacts_of(school) == [] and "session" not in client.cookies
