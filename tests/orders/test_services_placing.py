"""A submitted checkout: what is kept, what is refused, and how often it counts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from courses.models import Access
from courses.services.access import change_access
from kwiga import clock
from kwiga.tokens import digest
from offers.models import Offer, OfferItem, OfferQuestion, OfferTermsDocument, TermsDocument, TermsText, TermsVersion
from orders.errors import (
    AnswerMissing,
    KeyReused,
    NotOnSale,
    PhoneMissing,
    PriceChanged,
    SignInNeeded,
    TermsNotAccepted,
    TooManyFreeOrders,
)
from orders.links import pay_token
from orders.models import Order, OrderAcceptance, OrderAccess, OrderLine
from orders.selectors.quote import Availability
from orders.services.paying import mark_paid
from orders.services.placing import place_order
from schools.models import Event, OutboxRow, School, SearchWord
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.offers import PublishedOfferFactory, whole_course
from tests.factories.orders import PaidOrderFactory, PlacedOrderFactory, checkout_of, placed, sold_offer


def change(offer: Offer, **fields: Any) -> None:
    with school_scope(offer.school_id):
        Offer.objects.filter(pk=offer.pk).update(**fields)


def required_terms(offer: Offer) -> TermsVersion:
    with school_scope(offer.school_id):
        document = TermsDocument.objects.create(school_id=offer.school_id, name="Public offer")
        OfferTermsDocument.objects.create(school_id=offer.school_id, offer=offer, document=document)
        return new_wording(document, 1)


def new_wording(document: TermsDocument, number: int) -> TermsVersion:
    version = TermsVersion.objects.create(school_id=document.school_id, document=document, number=number)
    TermsText.objects.create(
        school_id=document.school_id, version=version, language="en", title="Terms", body="<p>x</p>"
    )
    return version


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


# --- Price and time are the server's (trust C6) ---


@pytest.mark.spec("C6: the shown total is compared, never believed")
@pytest.mark.parametrize(
    "said",
    [
        {"shown_total_minor": 1},
        {"shown_total_minor": 0},
        {"shown_total_minor": -120_000},
        {"shown_total_minor": 10**30},
        {"shown_currency": "USD"},
        {"shown_currency": ""},
    ],
)
def test_another_total_than_the_computed_one_makes_no_order(school: School, said: dict[str, Any]) -> None:
    offer = sold_offer(school)
    with pytest.raises(PriceChanged) as refused:
        placed(offer, **said)
    assert (refused.value.quote.total_minor, refused.value.quote.currency) == (120_000, "UAH")
    with school_scope(school):
        assert not Order.objects.exists()


@pytest.mark.spec("C6: an offer of another school is nobody's")
def test_the_address_of_another_schools_offer_means_nothing(school: School, other_school: School) -> None:
    checkout = checkout_of(sold_offer(other_school))
    with school_scope(school), pytest.raises(Offer.DoesNotExist):
        place_order(checkout=checkout)


@pytest.mark.spec("C6: questions and terms of another school count for nothing")
def test_ids_of_another_school_are_left_aside(school: School, other_school: School) -> None:
    foreign = required_terms(sold_offer(other_school))
    order = placed(sold_offer(school), accepted_version_ids=[foreign.pk], answers=[(foreign.pk, "x")]).order
    with school_scope(school):
        assert not OrderAcceptance.objects.exists()
        assert order.answers == []


@pytest.mark.parametrize(
    ("fields", "availability"),
    [
        ({"status": Offer.Status.DRAFT}, Availability.DRAFT),
        ({"status": Offer.Status.ARCHIVED}, Availability.ARCHIVED),
        ({"sales_start_at": "+1"}, Availability.NOT_YET),
        ({"sales_end_at": "0"}, Availability.ENDED),
    ],
)
def test_what_is_not_on_sale_cannot_be_ordered(school: School, fields: dict[str, Any], availability: str) -> None:
    offer = sold_offer(school)
    checkout = checkout_of(offer)
    now = clock.now()
    instants = {"+1": now + timedelta(microseconds=1), "0": now}
    change(offer, **{name: instants.get(value, value) for name, value in fields.items()})
    with clock.at(now), school_scope(school), pytest.raises(NotOnSale) as refused:
        place_order(checkout=checkout)
    assert refused.value.availability == availability


@pytest.mark.spec("K22.4")
def test_after_archiving_there_are_no_new_orders_and_old_access_stays(school: School) -> None:
    offer = sold_offer(school)
    PaidOrderFactory(offer=offer)
    checkout = checkout_of(offer)
    change(offer, status=Offer.Status.ARCHIVED)
    with school_scope(school), pytest.raises(NotOnSale):
        place_order(checkout=checkout)
    with school_scope(school):
        assert Access.objects.open_at(clock.now()).count() == 1


@pytest.mark.spec("K22.5")
def test_links_of_two_schools_do_not_collide(school: School, other_school: School) -> None:
    token = "TnHG7QjEFukO"
    green, red = sold_offer(school, token=token), sold_offer(other_school, token=token)
    assert (placed(green).order.offer_id, placed(red).order.offer_id) == (green.pk, red.pk)


# --- The same form (trust P5) ---


@pytest.mark.spec("P5: the same form twice is one order")
def test_the_same_form_twice_is_one_order(school: School) -> None:
    checkout = checkout_of(sold_offer(school))
    with school_scope(school):
        first = place_order(checkout=checkout)
    with school_scope(school):
        second = place_order(checkout=replace(checkout, name=f" {checkout.name} "))
        assert (first.order, first.pay_token) == (second.order, second.pay_token)
        assert (first.is_new, second.is_new) == (True, False)
        assert Event.objects.filter(kind="order.placed").count() == 1


@pytest.mark.spec("P5: a changed price does not change what the form made before")
def test_the_same_form_after_the_price_changed_still_shows_its_order(school: School) -> None:
    offer = sold_offer(school)
    checkout = checkout_of(offer)
    with school_scope(school):
        first = place_order(checkout=checkout)
    change(offer, price_minor=1, status=Offer.Status.ARCHIVED)
    with school_scope(school):
        assert place_order(checkout=checkout).order == first.order


@pytest.mark.spec("P5: the same key with another body is refused")
@pytest.mark.parametrize(
    "said", [{"name": "Other"}, {"phone": "+1"}, {"answers": [(1, "x")]}, {"accepted_version_ids": [1]}]
)
def test_the_key_of_a_form_with_another_body_is_refused(school: School, said: dict[str, Any]) -> None:
    checkout = checkout_of(sold_offer(school))
    with school_scope(school):
        place_order(checkout=checkout)
    with school_scope(school), pytest.raises(KeyReused):
        place_order(checkout=replace(checkout, **said))
    with school_scope(school):
        assert Order.objects.count() == 1


@pytest.mark.spec("P5: the key never shows somebody else's order")
def test_another_email_under_the_same_key_is_a_new_look_at_the_price(school: School) -> None:
    checkout = checkout_of(sold_offer(school))
    with school_scope(school):
        place_order(checkout=checkout)
    with school_scope(school), pytest.raises(PriceChanged) as refused:
        place_order(checkout=replace(checkout, email="other@example.test"))
    assert refused.value.quote.total_minor == checkout.shown_total_minor
    with school_scope(school):
        assert Order.objects.count() == 1


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


# --- Few statements: one purchase is one short transaction ---


def statements(offer: Offer, **said: Any) -> list[str]:
    checkout = checkout_of(offer, **said)
    with (
        school_scope(offer.school_id),
        CaptureQueriesContext(
            connection,
        ) as queries,
    ):
        place_order(checkout=checkout)
    return [query["sql"] for query in queries.captured_queries]


def test_the_purchase_of_a_stranger_takes_fourteen_statements(school: School) -> None:
    """With a question, terms to accept, and a contact to be made."""
    offer = sold_offer(school)
    version = required_terms(offer)
    with school_scope(school):
        asked = OfferQuestion.objects.create(school=school, offer=offer, label="Where from?", is_required=True)
    made = statements(offer, accepted_version_ids=[version.pk], answers=[(asked.pk, "Lviv")])
    assert len(made) == 14, "\n".join(sql[:110] for sql in made)


def test_the_purchase_of_a_known_person_takes_fewer(school: School) -> None:
    PlacedOrderFactory(offer=sold_offer(school), email="anna@example.test")
    made = statements(sold_offer(school), email="anna@example.test")
    assert len(made) == 10, "\n".join(sql[:110] for sql in made)


def test_a_seat_costs_two_statements_more(school: School) -> None:
    PlacedOrderFactory(offer=sold_offer(school), email="anna@example.test")
    made = statements(sold_offer(school, seats=5), email="anna@example.test")
    assert len(made) == 12, "\n".join(sql[:110] for sql in made)


def test_the_lines_of_an_offer_with_many_courses_cost_no_more(school: School) -> None:
    one = sold_offer(school)
    many = PublishedOfferFactory(school=school, items=tuple(whole_course(school, f"C{n}") for n in range(5)))
    assert len(statements(one, email="a@example.test")) == len(statements(many, email="b@example.test"))
    with school_scope(school):
        assert OrderLine.objects.count() == 2
