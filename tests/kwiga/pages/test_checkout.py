"""Who buys at the checkout, and what they are asked."""

import pytest

from contacts.models import Contact
from offers.services import QuestionTerms
from orders.models import Order
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory, student_browser
from tests.factories.courses import CourseFactory
from tests.factories.orders import PlacedOrderFactory, sold_offer
from tests.kwiga.pages.buyers import address_of, contacts_of, fields_of, orders_of, plan, submit

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
