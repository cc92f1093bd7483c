"""A submitted checkout: what is kept, what is refused, and how often it counts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contacts.models import Contact
from courses.models import Access
from courses.services.access import change_access
from kwiga import clock
from kwiga.tokens import digest
from offers.models import Offer, OfferItem, OfferQuestion
from orders.errors import (
    AnswerMissing,
    PhoneMissing,
    SignInNeeded,
    TermsNotAccepted,
    TooManyFreeOrders,
)
from orders.links import pay_token
from orders.models import Order, OrderAcceptance, OrderAccess
from orders.services.paying import mark_paid
from schools.models import Event, OutboxRow, School, SearchWord
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.offers import PublishedOfferFactory, whole_course
from tests.factories.orders import PaidOrderFactory, placed, sold_offer
from tests.orders.terms import change, new_wording, required_terms

# --- What is kept ---


def test_an_order_copies_what_was_agreed(school: School) -> None:
    offer = sold_offer(school, title="Watercolor", price_minor=50_000, open_for=30)
    result = placed(offer, email=" Olena@Example.test ", phone="+380 50", utm={"utm_source": "ad"}, language="uk")
    with school_scope(school):
        order = Order.objects.get()
        line = order.lines.get()
        assert result == replace(result, order=order, pay_token=pay_token(order), is_new=True)
        assert (order.state, order.source, order.language) == ("pending", "checkout", "uk")
        assert (order.subtotal_minor, order.discount_minor, order.total_minor, order.currency) == (
            50_000,
            0,
            50_000,
            "UAH",
        )
        assert (order.buyer_email, order.buyer_name, order.buyer_phone) == (
            "Olena@Example.test",
            "Olena Buyer",
            "+380 50",
        )
        assert order.contact.email == "olena@example.test"
        assert order.utm == {"utm_source": "ad"}
        assert order.pay_digest == digest(result.pay_token)
        assert order.expires_at == order.created_at + timedelta(days=school.order_expiry_days)
        assert (order.seat, order.held_until) == ("none", None)
        assert (line.title, line.list_price_minor, line.price_minor, line.total_minor) == (
            "Watercolor",
            50_000,
            50_000,
            50_000,
        )
        assert (line.open_for, line.open_for_unit) == (30, "days")
        assert [item.course_id for item in line.items.all()] == [OfferItem.objects.get(offer=offer).course_id]


def test_it_is_in_the_journal_findable_and_looked_at_when_it_expires(school: School) -> None:
    order = placed(sold_offer(school, title="Watercolor")).order
    with school_scope(school):
        assert Event.objects.get(kind="order.placed").subject_id == order.pk
        words = set(SearchWord.objects.filter(kind="order", object_id=order.pk).values_list("word", flat=True))
        assert {order.number.casefold(), "buyer@example.test", "olena", "watercolor"} <= words
        row = OutboxRow.objects.get(kind="order_expiry")
        assert (row.available_at, row.payload) == (order.expires_at, {"order": order.pk})


@pytest.mark.spec("K01.5")
def test_a_new_price_leaves_unpaid_orders_as_they_are(school: School) -> None:
    offer = sold_offer(school, price_minor=50_000)
    order = placed(offer).order
    change(offer, price_minor=90_000, title="Dearer")
    with school_scope(school):
        payment = mark_paid(order=order, amount_minor=50_000, comment="", actor=None)
        order.refresh_from_db()
        assert (order.state, order.total_minor, payment.amount_minor) == ("paid", 50_000, 50_000)
        assert order.lines.get().title != "Dearer"
    assert placed(offer).order.total_minor == 90_000


@pytest.mark.spec("K01.1")
def test_plan_a_then_plan_b_are_two_orders_and_paying_the_first_completes_only_the_first(school: School) -> None:
    basic, tutor = sold_offer(school, price_minor=10_000), sold_offer(school, price_minor=90_000)
    first, second = placed(basic).order, placed(tutor).order
    with school_scope(school):
        mark_paid(order=first, amount_minor=10_000, comment="", actor=None)
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.state, second.state) == ("paid", "pending")
        opened = {row.access.course_id for row in OrderAccess.objects.select_related("access")}
        assert opened == {OfferItem.objects.get(offer=basic).course_id}


@pytest.mark.spec("K01.2")
def test_an_access_changed_by_hand_keeps_its_end_when_the_offer_changes(school: School, owner: Any) -> None:
    offer = sold_offer(school, open_for=10)
    edited = PaidOrderFactory(offer=offer)
    with school_scope(school):
        access = Access.objects.get()
        end = access.starts_at + timedelta(days=99)
        change_access(access=access, starts_at=access.starts_at, ends_at=end, actor=owner)
    change(offer, open_for=20)
    later = PaidOrderFactory(offer=offer)
    with school_scope(school):
        ends = {row.order_id: row.access for row in OrderAccess.objects.select_related("access")}
        assert ends[edited.pk].ends_at == end
        assert ends[later.pk].ends_at == ends[later.pk].starts_at + timedelta(days=20)


@pytest.mark.spec("K10.2")
def test_a_guest_with_the_email_of_a_student_buys_for_that_student(school: School) -> None:
    student = ContactFactory(school=school, email="anna@example.test", name="Anna")
    order = placed(sold_offer(school), email=" ANNA@example.test", name="Somebody").order
    with school_scope(school):
        assert order.contact_id == student.pk
        assert (Contact.objects.get().name, order.buyer_name) == ("Anna", "Somebody")


def test_who_signed_in_buys_for_themselves_whatever_email_is_typed(school: School) -> None:
    student = ContactFactory(school=school)
    assert placed(sold_offer(school), contact=student, email="other@example.test").order.contact_id == student.pk


@pytest.mark.spec("K23.5")
def test_the_same_person_buys_another_plan_and_both_orders_stay_open_side_by_side(school: School) -> None:
    course = whole_course(school)
    month = PublishedOfferFactory(school=school, items=(course,), open_for=30)
    forever = PublishedOfferFactory(school=school, items=(course,))
    first = PaidOrderFactory(offer=month, email="anna@example.test")
    second = PaidOrderFactory(offer=forever, email="anna@example.test")
    with school_scope(school):
        assert first.contact_id == second.contact_id
        far = clock.now() + timedelta(days=1_000)
        assert Access.objects.open_at(clock.now()).count() == 2
        assert Access.objects.open_at(far).filter(contact=first.contact_id).count() == 1


# --- Answers and terms ---


def test_answers_stand_beside_the_wording_of_their_questions(school: School) -> None:
    offer = sold_offer(school)
    with school_scope(school):
        asked = OfferQuestion.objects.create(school=school, offer=offer, label="Where from?", is_required=True)
    with pytest.raises(AnswerMissing) as missing:
        placed(offer, answers=[(asked.pk, "  "), (asked.pk + 1, "Stray")])
    assert missing.value.question_id == asked.pk
    order = placed(offer, answers=[(asked.pk, " Lviv "), (asked.pk + 1, "Stray")]).order
    assert order.answers == [{"label": "Where from?", "text": "Lviv"}]


def test_a_required_phone_is_asked_for(school: School) -> None:
    offer = sold_offer(school)
    change(offer, phone=Offer.Phone.REQUIRED)
    with pytest.raises(PhoneMissing):
        placed(offer, phone=" ")
    assert placed(offer, phone="+380").order.buyer_phone == "+380"


def test_an_offer_for_people_who_signed_in_is_not_sold_to_guests(school: School) -> None:
    offer = sold_offer(school)
    change(offer, guest_checkout=False)
    with pytest.raises(SignInNeeded):
        placed(offer)
    assert placed(offer, contact=ContactFactory(school=school)).is_new


def test_the_accepted_wording_is_kept_with_time_and_address(school: School) -> None:
    offer = sold_offer(school)
    version = required_terms(offer)
    with pytest.raises(TermsNotAccepted) as refused:
        placed(offer)
    assert refused.value.version_ids == [version.pk]
    order = placed(offer, accepted_version_ids=[version.pk], client_address="203.0.113.7").order
    with school_scope(school):
        kept = OrderAcceptance.objects.get()
        assert (kept.order_id, kept.version_id, kept.client_address) == (order.pk, version.pk, "203.0.113.7")
        assert kept.accepted_at == order.created_at


def test_a_newer_wording_has_to_be_accepted_again(school: School) -> None:
    offer = sold_offer(school)
    version = required_terms(offer)
    with school_scope(school):
        newer = new_wording(version.document, 2)
    with pytest.raises(TermsNotAccepted) as refused:
        placed(offer, accepted_version_ids=[version.pk])
    assert refused.value.version_ids == [newer.pk]


# --- Free ---


@pytest.mark.spec("K22.3")
@pytest.mark.spec("K32.1: free")
def test_a_free_offer_is_paid_and_open_at_once(school: School) -> None:
    order = placed(sold_offer(school, price_minor=0)).order
    with school_scope(school):
        order.refresh_from_db()
        assert (order.state, order.paid_at) == ("paid", order.created_at)
        assert not order.payments.exists()
        assert Access.objects.open_at(clock.now()).get().contact_id == order.contact_id
        assert Event.objects.get(kind="order.paid").subject_id == order.pk
        assert not OutboxRow.objects.filter(kind="order_expiry").exists()


@pytest.mark.spec("C11: free orders from one address are limited, paid ones are not")
def test_free_orders_from_one_address_stop_at_the_limit(school: School) -> None:
    free, sold = sold_offer(school, price_minor=0), sold_offer(school)
    for number in range(20):
        placed(free, email=f"s{number}@example.test", client_address="2001:db8::1")
    with pytest.raises(TooManyFreeOrders):
        placed(free, email="late@example.test", client_address="2001:db8::2")
    assert placed(free, client_address="2001:db8:1::1").is_new
    for _number in range(21):
        assert placed(sold, client_address="2001:db8::1").is_new


@pytest.mark.spec("K32.2")
def test_one_offer_with_two_courses_opens_both(school: School) -> None:
    courses = (whole_course(school, "One"), whole_course(school, "Two"))
    PaidOrderFactory(offer=PublishedOfferFactory(school=school, items=courses))
    with school_scope(school):
        assert set(Access.objects.values_list("course_id", flat=True)) == {course.course_id for course in courses}
