"""Orders made by the team: access for one person, or terms of their own (K01, K12)."""

from datetime import timedelta
from typing import Any

import pytest

from contacts.models import Contact
from courses.models import Access, AccessPart, Course, Lesson, Module
from courses.selectors import open_lessons
from courses.services.access import Part
from kwiga import clock
from offers.models import Offer, OfferItem
from orders.errors import AlreadyOpen, OrderRefused, SoldOut
from orders.models import Order, OrderLine, PaymentConnection
from orders.services.manual import ManualOrder, make_order
from orders.services.paying import mark_paid, start_payment
from schools.models import Event, OutboxRow, School, User
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.orders import sold_offer
from tests.support.outbox import rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(school: School) -> Contact:
    return ContactFactory(school=school, email="anna@example.test", name="Anna")


@pytest.fixture
def offer(school: School) -> Offer:
    return sold_offer(school, title="Watercolor", open_for=30)


def make(contact: Contact, actor: User | None = None, **said: Any) -> Order:
    with school_scope(contact.school_id):
        return make_order(terms=ManualOrder(contact=contact, **({"currency": "UAH"} | said)), actor=actor)


def accesses(school: School) -> list[Access]:
    with school_scope(school):
        return list(Access.objects.order_by("id"))


@pytest.fixture
def lessons(school: School) -> list[Lesson]:
    """Five lessons of one course, in two modules."""
    with school_scope(school):
        course = Course.objects.create(school=school, title="Oil", status=Course.Status.PUBLISHED)
        modules = [Module.objects.create(school=school, course=course, title=f"M{n}", position=n) for n in range(2)]
        return [
            Lesson.objects.create(
                school=school,
                course=course,
                module=modules[n % 2],
                title=f"L{n}",
                position=n,
                status=Lesson.Status.PUBLISHED,
            )
            for n in range(5)
        ]


@pytest.mark.spec("K12.1")
def test_access_is_open_at_once_with_the_offers_period(school: School, anna: Contact, offer: Offer) -> None:
    order = make(anna, offer=offer)
    (access,) = accesses(school)
    assert (order.state, order.total_minor, order.source) == ("paid", 0, "manual")
    assert access.is_open(order.created_at)
    assert access.ends_at == access.starts_at + timedelta(days=30)


@pytest.mark.spec("K01.3")
def test_two_lessons_for_nothing_open_exactly_those_two(school: School, anna: Contact, lessons: list[Lesson]) -> None:
    chosen = [lessons[1], lessons[2]]
    parts = [Part(lesson.course_id, lesson_id=lesson.pk) for lesson in chosen]
    make(anna, title="Two lessons", parts=parts)
    with school_scope(school):
        assert open_lessons(anna, lessons[0].course, clock.now()) == {lesson.pk for lesson in chosen}
        assert not Access.objects.get().is_whole


@pytest.mark.spec("K26.2")
def test_parts_bought_one_after_the_other_add_up(school: School, anna: Contact, lessons: list[Lesson]) -> None:
    first, second = lessons[0].module_id, lessons[1].module_id
    course = lessons[0].course
    make(anna, title="Module 2", parts=[Part(course.pk, module_id=second)])
    with school_scope(school):
        assert open_lessons(anna, course, clock.now()) == {lessons[1].pk, lessons[3].pk}
    make(anna, title="Module 1", parts=[Part(course.pk, module_id=first)], choice="anyway")
    with school_scope(school):
        assert open_lessons(anna, course, clock.now()) == {lesson.pk for lesson in lessons}
        assert AccessPart.objects.count() == 2


@pytest.mark.django_db(transaction=True, databases=["default", "relay"])
@pytest.mark.spec("K12.2")
@pytest.mark.parametrize("send_mail", [True, False])
def test_the_mail_goes_out_unless_it_was_switched_off(
    school: School, anna: Contact, offer: Offer, send_mail: bool
) -> None:
    make(anna, offer=offer, send_mail=send_mail)
    drain()
    assert bool(rows(school, kind="mail")) == send_mail


@pytest.mark.spec("K12.3")
def test_the_same_product_again_is_asked_about(school: School, anna: Contact, offer: Offer) -> None:
    make(anna, offer=offer)
    with pytest.raises(AlreadyOpen) as asked:
        make(anna, offer=offer)
    assert asked.value.accesses == accesses(school)
    with school_scope(school):
        assert Order.objects.count() == 1


@pytest.mark.spec("K12.3: extend")
def test_extending_begins_where_the_open_access_ends(school: School, anna: Contact, offer: Offer) -> None:
    make(anna, offer=offer)
    make(anna, offer=offer, choice="extend")
    first, second = accesses(school)
    assert second.starts_at == first.ends_at
    assert second.ends_at == second.starts_at + timedelta(days=30)
    assert first.revoked_at is None


@pytest.mark.spec("K12.3: replace")
def test_replacing_closes_the_old_access(school: School, anna: Contact, offer: Offer, owner: User) -> None:
    make(anna, offer=offer)
    make(anna, owner, offer=offer, choice="replace")
    first, second = accesses(school)
    assert first.revoked_at is not None
    assert second.is_open(second.starts_at)


def test_adding_anyway_leaves_both(school: School, anna: Contact, offer: Offer) -> None:
    make(anna, offer=offer)
    make(anna, offer=offer, choice="anyway")
    assert [access.revoked_at for access in accesses(school)] == [None, None]


def test_a_window_until_a_date_keeps_its_date_when_extended(school: School, anna: Contact, offer: Offer) -> None:
    make(anna, offer=offer)
    end = clock.now() + timedelta(days=60)
    make(anna, offer=offer, choice="extend", window=OrderLine(closes_at=end))
    assert accesses(school)[1].ends_at == end


@pytest.mark.spec("K12.4")
def test_the_journal_names_who_gave_it(school: School, anna: Contact, offer: Offer, owner: User) -> None:
    order = make(anna, owner, offer=offer, reason="She won the quiz")
    with school_scope(school):
        named = Event.objects.filter(kind__in=["order.placed", "order.paid", "access.opened"])
        assert {(event.kind, event.actor_id) for event in named} == {
            ("order.placed", owner.pk),
            ("order.paid", owner.pk),
            ("access.opened", owner.pk),
        }
        order.refresh_from_db()
        assert (order.made_by, order.reason) == (owner, "She won the quiz")
    assert accesses(school)[0].reason == "She won the quiz"


def test_giving_access_lowers_no_price_and_touches_no_count(school: School, anna: Contact, offer: Offer) -> None:
    order = make(anna, offer=offer)
    with school_scope(school):
        assert (order.discount_minor, OrderLine.objects.get().discount_minor) == (0, 0)
        assert Offer.objects.get().seats_taken == 0


def test_a_seat_is_taken_where_seats_are_counted(school: School, anna: Contact) -> None:
    offer = sold_offer(school, seats=1)
    assert make(anna, offer=offer).seat == "confirmed"
    with pytest.raises(SoldOut):
        make(ContactFactory(school=school), offer=offer)


def test_a_price_makes_it_wait_for_its_pay_link(
    school: School, anna: Contact, offer: Offer, paper: PaymentConnection
) -> None:
    order = make(anna, offer=offer, price_minor=50_000)
    assert (order.state, order.total_minor, accesses(school)) == ("pending", 50_000, [])
    with school_scope(school):
        assert OutboxRow.objects.get(kind="order_expiry").available_at == order.expires_at
        assert start_payment(order=order, connection=paper).amount_minor == 50_000
        mark_paid(order=order, amount_minor=50_000, comment="", actor=None)
    assert len(accesses(school)) == 1


def test_terms_of_its_own_need_no_offer(school: School, anna: Contact, offer: Offer) -> None:
    with school_scope(school):
        course = OfferItem.objects.get(offer=offer).course_id
    until = clock.now() + timedelta(days=3)
    order = make(anna, title="Guest", parts=[Part(course)], window=OrderLine(closes_at=until))
    assert (order.offer_id, accesses(school)[0].ends_at) == (None, until)


def test_nothing_to_open_is_no_order(anna: Contact) -> None:
    with pytest.raises(OrderRefused):
        make(anna, title="Nothing")


def test_the_same_form_twice_is_one_order(school: School, anna: Contact, offer: Offer) -> None:
    first = make(anna, offer=offer, idempotency_key="form-1")
    assert make(anna, offer=offer, idempotency_key="form-1") == first
    assert len(accesses(school)) == 1
