"""The page of an offer: what it says, in which state, for how many queries, and where a purchase leads."""

from datetime import timedelta

import pytest

from contacts.models import Contact
from courses.models import Access
from kwiga import clock
from offers.models import Offer
from offers.previews import preview_token
from offers.services import QuestionTerms, archive_offer
from orders.models import Order
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory, student_browser
from tests.factories.courses import CourseFactory
from tests.factories.offers import OfferFactory
from tests.factories.orders import PlacedOrderFactory, sold_offer
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
    plan,
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


# --- States ---


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


# --- Who buys ---


@pytest.mark.spec("K10.2: the order of a known email joins that contact and gives no session")
def test_a_known_email_is_given_no_session(school, visitor):
    student = ContactFactory(school=school, email="known@example.test", name="Known")
    offer = sold_offer(school, price_minor=0)
    client = visitor(school)
    assert submit(client, offer, email=" Known@Example.test ").status_code == 303
    assert [order.contact_id for order in orders_of(school)] == [student.pk]
    assert "session" not in client.cookies
    assert client.get("/me/").status_code == 302


def test_a_student_who_signed_in_buys_with_one_press(school):
    student = ContactFactory(school=school)
    offer = sold_offer(school)
    assert submit(student_browser(student), offer).status_code == 303
    order = orders_of(school)[0]
    assert (order.contact_id, order.buyer_email, order.buyer_name) == (student.pk, student.email, student.name)


def test_where_signing_in_is_asked_the_way_back_keeps_everything(school, visitor):
    offer = sold_offer(school, guest_checkout=False)
    query = "?coupon=SPRING&utm_source=mail&lang=uk"
    client = visitor(school)
    page = client.get(address_of(offer, query))
    assert 'id="checkout"' not in page.text
    way = "/sign-in/?next=%2Fo%2F" + offer.token + "%3Fcoupon%3DSPRING%26utm_source%3Dmail%26lang%3Duk"
    assert way in page.text
    assert client.post(address_of(offer, query), {"email": "a@b.test"}).headers["Location"] == way
    assert orders_of(school) == []
    student = student_browser(ContactFactory(school=school))
    assert submit(student, offer).status_code == 303


@pytest.mark.spec("K14.3: a second sign-up by the same email is told that it is used")
def test_a_free_offer_once_per_person_is_told_at_the_email(school, visitor):
    offer = sold_offer(school, price_minor=0, once_per_contact=True)
    assert submit(visitor(school), offer).status_code == 303
    again = submit(visitor(school), offer, email="BUYER@example.test")
    assert again.status_code == 200 and "Each person can buy this once" in again.text
    assert 'aria-invalid="true"' in again.text and len(orders_of(school)) == 1


# --- What the school asks ---


def test_phone_and_questions_are_asked_and_kept(school, visitor):
    questions = (QuestionTerms(label="Your level?", is_required=True), QuestionTerms(label="From where?"))
    offer = sold_offer(school, phone="required", questions=questions)
    client = visitor(school)
    page = client.get(address_of(offer))
    asked = [name for name in fields_of(page) if name.startswith("question_")]
    assert len(asked) == 2 and "phone" in fields_of(page)
    empty = submit(client, offer)
    assert empty.status_code == 200 and empty.text.count('aria-invalid="true"') == 2 and orders_of(school) == []
    answer = submit(client, offer, phone="+380441234567", **{asked[0]: "B2", asked[1]: ""})
    assert answer.status_code == 303
    order = orders_of(school)[0]
    assert order.buyer_phone == "+380441234567" and order.answers == [{"label": "Your level?", "text": "B2"}]


def test_a_phone_we_know_is_not_asked_again(school):
    offer = sold_offer(school, phone="required")
    client = student_browser(ContactFactory(school=school, phone="+380441234567"))
    assert "phone" not in fields_of(client.get(address_of(offer)))
    assert submit(client, offer).status_code == 303
    assert orders_of(school)[0].buyer_phone == "+380441234567"


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


def test_an_order_of_somebody_elses_browser_is_not_replaced(school, visitor):
    """The cookie that says which orders are a browser's own is signed and belongs to one school."""
    offer = sold_offer(school, once_per_contact=True)
    first = PlacedOrderFactory(offer=offer, email="buyer@example.test")
    client = visitor(school)
    client.cookies["orders"] = first.number
    submit(client, offer)
    with school_scope(school):
        assert Order.objects.get(pk=first.pk).state == Order.State.PENDING


def test_a_contact_is_made_only_by_an_order(school, visitor):
    offer = sold_offer(school)
    submit(visitor(school), offer, name="")
    assert contacts_of(school) == []
    submit(visitor(school), offer)
    assert [contact.email for contact in contacts_of(school)] == ["buyer@example.test"]
    assert isinstance(contacts_of(school)[0], Contact)


def test_plans_of_one_course_are_offers_of_their_own(school, visitor):
    course = CourseFactory(school=school)
    basic, full = plan(school, course, title="Basic"), plan(school, course, title="Full")
    client = visitor(school)
    assert submit(client, basic).status_code == submit(client, full).status_code == 303
    assert [order.offer_id for order in orders_of(school)] == [basic.pk, full.pk]
