"""The student area: courses, orders with receipts, profile."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from courses.services.access import Part, open_access
from kwiga import clock
from orders.models import Order, Payment
from orders.services.closing import cancel_order
from schools.models import Event, School
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory, student_browser
from tests.factories.courses import CourseFactory
from tests.factories.orders import PaidOrderFactory, PlacedOrderFactory, sold_offer
from tests.support.students import code_mailed, is_signed_in, sign_in

COURSES, ORDERS, PROFILE = "/me/", "/me/orders/", "/me/profile/"


@pytest.fixture
def me(contact):
    return student_browser(contact)


def words(response) -> str:
    assert response.status_code == 200, response
    return " ".join(response.text.split())


def give(contact: Contact, title: str, starts: int = -1, ends: int | None = None, **course: object):
    """A course for the contact, open from and until so many days from now."""
    made = CourseFactory(school=contact.school, title=title, **course)
    now = clock.now()
    with school_scope(contact.school):
        open_access(
            contact=contact,
            parts=[Part(made.pk)],
            starts_at=now + timedelta(days=starts),
            ends_at=now + timedelta(days=ends) if ends is not None else None,
            cause=title,
        )
    return made


def order_of(contact: Contact, **fields: object) -> Order:
    return PaidOrderFactory(school=contact.school, email=contact.email, name=contact.name, **fields)


def queries_of(client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


# --- My courses ---


def test_without_courses_the_page_leads_to_the_store(me):
    text = words(me.get(COURSES))
    assert "No courses yet" in text and 'href="/"' in text


def test_an_open_course_can_be_begun(me, contact):
    course = give(contact, "Open course", ends=9)
    text = words(me.get(COURSES))
    assert "Open course" in text and "0 of 4" in text and "Begin" in text and "Open until" in text
    assert f"/learn/{course.token}/" in text


def test_a_course_that_ended_or_is_to_come_says_so_and_leads_nowhere(me, contact):
    ended, coming = give(contact, "Ended course", -9, -1), give(contact, "Coming course", 5)
    text = words(me.get(COURSES))
    assert "Your access ended" in text and "Opens " in text
    assert f"/learn/{ended.token}/" not in text and f"/learn/{coming.token}/" not in text


def test_a_course_of_another_student_is_not_shown(me, contact):
    give(ContactFactory(school=contact.school), "Their course")
    assert "Their course" not in me.get(COURSES).text


def test_an_unpaid_order_is_called_to_mind(me, contact):
    order = PlacedOrderFactory(school=contact.school, email=contact.email)
    assert f"Order {order.number} is not paid yet." in words(me.get(COURSES))


def test_my_courses_cost_the_same_for_one_and_for_three(me, contact):
    give(contact, "First")
    one = queries_of(me, COURSES)
    give(contact, "Second")
    give(contact, "Third")
    assert queries_of(me, COURSES) == one


# --- Where one arrives ---


@pytest.mark.parametrize(("choice", "address"), [("courses", "/me/"), ("store", "/"), ("latest", "/learn/")])
def test_a_school_says_where_its_students_arrive(me, contact, choice, address):
    give(contact, "Open course")
    School.objects.filter(pk=contact.school_id).update(after_sign_in=choice)
    url = me.get("/me/start/").url
    assert url.startswith(address) and (choice == "latest" or url == address)


def test_without_a_lesson_to_go_on_with_one_arrives_at_the_courses(me, contact):
    School.objects.filter(pk=contact.school_id).update(after_sign_in="latest")
    assert me.get("/me/start/").url == "/me/"


# --- My orders ---


def test_without_orders_the_page_says_so(me):
    assert "No orders yet" in words(me.get(ORDERS))


def test_my_orders_are_mine(me, contact):
    own = order_of(contact)
    other = PaidOrderFactory(school=contact.school, email="other@example.test")
    text = words(me.get(ORDERS))
    assert own.number in text and other.number not in text


def test_my_orders_cost_the_same_for_one_and_for_three(me, contact):
    offer = sold_offer(contact.school)
    PaidOrderFactory(offer=offer, email=contact.email)
    one = queries_of(me, ORDERS)
    for _ in range(2):
        PaidOrderFactory(offer=offer, email=contact.email)
    assert queries_of(me, ORDERS) == one


def test_a_receipt_says_who_sold_what_to_whom_for_how_much(me, contact):
    School.objects.filter(pk=contact.school_id).update(
        legal_name="Green LLC", address="1 Long Street\nKyiv", tax_note="VAT is included."
    )
    order = order_of(contact)
    text = words(me.get(f"{ORDERS}{order.number}/"))
    for fact in (
        f"Receipt {order.number}",
        "Green LLC",
        "1 Long Street",
        contact.email,
        contact.name,
        "UAH 1,200",
        "Outside the store",
        "VAT is included.",
    ):
        assert fact in text.replace("\xa0", " "), fact


def test_a_receipt_shows_a_discount_and_money_given_back(me, contact):
    order = order_of(contact)
    with school_scope(contact.school):
        line = order.lines.get()
        type(line).objects.filter(pk=line.pk).update(discount_minor=20_000, total_minor=line.price_minor - 20_000)
        Order.objects.filter(pk=order.pk).update(discount_minor=20_000, total_minor=order.subtotal_minor - 20_000)
        payment = Payment.objects.get(order=order)
        payment.refunds.create(school=contact.school, amount_minor=5_000, state="succeeded", processed_at=clock.now())
    text = words(me.get(f"{ORDERS}{order.number}/")).replace("\xa0", " ")
    assert "Discount" in text and "−UAH 200" in text and "UAH 1,000" in text
    assert "Given back" in text and "−UAH 50" in text


def test_an_unpaid_order_leads_to_paying_and_a_paid_one_does_not(me, contact):
    unpaid = PlacedOrderFactory(school=contact.school, email=contact.email)
    text = words(me.get(f"{ORDERS}{unpaid.number}/"))
    assert "Pay now" in text and 'href="/pay/' in text
    assert "Pay now" not in words(me.get(f"{ORDERS}{order_of(contact).number}/"))


def test_a_canceled_order_says_that_nothing_was_bought(me, contact):
    order = PlacedOrderFactory(school=contact.school, email=contact.email)
    with school_scope(contact.school):
        cancel_order(order=order, reason="buyer", actor=None)
    text = words(me.get(f"{ORDERS}{order.number}/"))
    assert "Nothing was bought with this order." in text and "Pay now" not in text


def test_an_order_of_another_student_is_not_there(me, contact):
    other = PaidOrderFactory(school=contact.school, email="other@example.test")
    assert me.get(f"{ORDERS}{other.number}/").status_code == 404


@pytest.mark.parametrize("path", [COURSES, ORDERS, PROFILE])
def test_pages_of_a_student_are_kept_by_nobody(me, path):
    assert "no-store" in me.get(path).headers["Cache-Control"]


# --- Profile ---


def test_a_student_changes_name_phone_and_language(me, contact):
    response = me.post(PROFILE, {"name": " Olena  K ", "phone": "+380 50", "language": "pl"})
    assert response.status_code == 302
    with school_scope(contact.school):
        contact.refresh_from_db()
        assert (contact.name, contact.phone, contact.language) == ("Olena K", "+380 50", "pl")
        assert Event.objects.get(kind="contact.changed").actor is None
    assert 'lang="pl"' in me.get(PROFILE).text


def test_the_language_switch_of_a_student_is_kept(me, contact):
    me.post("/preferences/language/", {"language": "uk", "next": "/me/"})
    with school_scope(contact.school):
        contact.refresh_from_db()
        assert contact.language == "uk"
    assert 'lang="uk"' in student_browser(contact).get("/me/").text


def test_a_wrong_phone_is_said_and_nothing_saved(me, contact):
    response = me.post(PROFILE, {"name": "New", "phone": "call me", "language": "en"})
    assert response.status_code == 200 and response.context["form"].errors["phone"]
    with school_scope(contact.school):
        contact.refresh_from_db()
        assert contact.name == "Olena"


# --- Another email ---


class TestNewEmail:
    """Through the mailbox of the new address."""

    pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])
    NEW = {"email": " New@Example.test"}

    def test_it_changes_after_the_code_and_signs_out_other_browsers(self, me, contact):
        elsewhere = student_browser(contact)
        assert me.post("/me/profile/email/", self.NEW).url == "/me/profile/email/code/"
        code = code_mailed()
        assert mail.outbox[-1].to == ["new@example.test"]
        assert me.post("/me/profile/email/code/", {"code": code}).url == PROFILE
        assert is_signed_in(me) and not is_signed_in(elsewhere)
        with school_scope(contact.school):
            contact.refresh_from_db()
            assert contact.email == "new@example.test" and contact.verified_at is not None

    def test_a_wrong_code_changes_nothing(self, me, contact):
        me.post("/me/profile/email/", self.NEW)
        code = code_mailed()
        answer = me.post("/me/profile/email/code/", {"code": f"{(int(code) + 1) % 1_000_000:06d}"})
        assert "This code is not right" in answer.text
        with school_scope(contact.school):
            contact.refresh_from_db()
            assert contact.email == "olena@example.test"

    def test_the_email_of_somebody_else_gets_no_mail_and_no_other_answer(self, me, contact):
        ContactFactory(school=contact.school, email="new@example.test")
        response = me.post("/me/profile/email/", self.NEW)
        assert response.url == "/me/profile/email/code/"
        drain()
        assert mail.outbox == []

    def test_the_code_for_the_new_email_does_not_sign_in(self, me, contact, visitor):
        me.post("/me/profile/email/", self.NEW)
        code = code_mailed()
        other = visitor(contact.school)
        sign_in(other, contact.email)
        other.post("/sign-out/")
        other.post("/sign-in/", {"email": "new@example.test"})
        assert "This code is not right" in other.post("/sign-in/code/", {"code": code}).text

    def test_the_own_email_is_no_change(self, me, contact):
        assert "This is your email already." in me.post("/me/profile/email/", {"email": contact.email}).text


# --- The head of the site ---


def test_the_head_shows_the_way_in_or_the_way_around(me, contact, visitor):
    guest = visitor(contact.school).get("/").text
    assert 'href="/sign-in/"' in guest and "/me/" not in guest
    own = me.get("/").text
    assert 'href="/me/"' in own and 'href="/sign-in/"' not in own
