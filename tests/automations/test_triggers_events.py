"""Triggers that events of the journal set off: each with what it listens to, and what it must not mistake for it."""

from datetime import timedelta

import pytest
from django.core import mail as django_mail

from automations.models import IncomingHook, Run
from contacts.models import Tag
from contacts.services.lists import add_members, create_list
from contacts.services.tags import tag_contacts
from courses.models import Course
from courses.services.assignments import accept_submission, hand_in
from courses.services.progress import complete_lesson
from kwiga import clock
from orders.models import Order
from orders.services.closing import cancel_order, expire_order
from orders.services.refunds import request_refund
from schools.journal import record_event
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory, mail
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory
from tests.factories.courses import CourseFactory, give_access, lessons_of, make_assignment, modules_of
from tests.factories.orders import PaidOrderFactory, PlacedOrderFactory, placed, sold_offer
from tests.support.automations import runs
from tests.support.coupons import pay, with_coupon
from tests.support.rewards import NOON, code, rewarded

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])


def listening(school, trigger, **settings):
    return AutomationFactory(school=school, name=trigger, trigger=trigger, trigger_settings=settings)


def started(school):
    """(automation, about) of each run, in the order of their start."""
    drain()
    with school_scope(school):
        return list(Run.objects.order_by("id").values_list("automation__name", "about"))


@pytest.fixture
def course(school, contact):
    course = CourseFactory(school=school, modules=(5, 5))
    give_access(contact, course)
    return course


def learn(contact, course, count):
    with school_scope(course.school_id):
        for lesson in lessons_of(course)[:count]:
            complete_lesson(contact=contact, lesson=lesson)


def test_progress_is_reached_once_in_the_chosen_course(school, contact, course):
    other = CourseFactory(school=school)
    listening(school, "course.progress", course=course.token, percent=50)
    listening(school, "course.progress", course=other.token, percent=50)
    learn(contact, course, 4)
    assert started(school) == []
    learn(contact, course, 10)
    assert started(school) == [("course.progress", f"course:{course.pk}")]


def test_a_percentage_between_two_tenths_is_reached_with_the_next_tenth(school, contact, course):
    listening(school, "course.progress", course="", percent=55)
    learn(contact, course, 5)
    assert started(school) == []
    learn(contact, course, 6)
    assert len(started(school)) == 1


def test_completed_course_and_lesson(school, contact, course):
    with school_scope(school):
        first, *_others = lessons_of(course)
    listening(school, "course.completed", course=course.token)
    listening(school, "lesson.completed", course=course.token, lesson=first.token)
    learn(contact, course, 9)
    assert started(school) == [("lesson.completed", f"lesson:{first.pk}")]
    learn(contact, course, 10)
    assert started(school)[1:] == [("course.completed", f"course:{course.pk}")]


def test_assignments_handed_in_and_accepted_and_only_the_last_one(school, contact, owner):
    course = CourseFactory(school=school)
    give_access(contact, course)
    with school_scope(school):
        module = modules_of(course)[-1]
        first = make_assignment(module, acceptance="by_team")
        last = make_assignment(module, acceptance="by_team")
    listening(school, "assignment.submitted", course=course.token, lesson="", final=False)
    listening(school, "assignment.accepted", course=course.token, lesson="", final=True)
    with school_scope(school):
        answers = [hand_in(contact=contact, lesson=lesson, text="Mine") for lesson in (first, last)]
    assert started(school) == [("assignment.submitted", f"lesson:{lesson.pk}") for lesson in (first, last)]
    with school_scope(school):
        for answer in answers:
            accept_submission(submission=answer, actor=owner)
    assert started(school)[2:] == [("assignment.accepted", f"lesson:{last.pk}")]


def test_orders_placed_paid_expired_and_given_back(school):
    offer, other = sold_offer(school), sold_offer(school)
    for trigger in ("order.placed", "order.paid", "order.expired", "order.refunded"):
        listening(school, trigger, offer=offer.token)
    about = f"offer:{offer.pk}"
    PaidOrderFactory(offer=other)
    assert started(school) == []
    paid = PaidOrderFactory(offer=offer)
    assert sorted(started(school)) == [("order.paid", about), ("order.placed", about)]
    late = PlacedOrderFactory(offer=offer)
    with clock.at(late.expires_at), school_scope(school):
        expire_order(order=Order.objects.get(pk=late.pk))
        request_refund(
            payment=paid.payments.get(),
            amount_minor=paid.total_minor,
            reason="",
            closes_access=False,
            returns_coupon=False,
            actor=None,
        )
    with clock.at(late.expires_at):
        assert {name for name, _about in started(school)[2:]} == {"order.placed", "order.expired", "order.refunded"}


def test_a_run_knows_order_offer_and_course(school):
    offer = sold_offer(school)
    listening(school, "order.paid", offer="")
    order = PaidOrderFactory(offer=offer)
    drain()
    with school_scope(school):
        run = Run.objects.get()
        course = Course.objects.get()
        assert (run.order_id, run.offer_id, run.course_id) == (order.pk, offer.pk, course.pk)
        assert run.contact_id == order.contact_id


def buy(school, **said):
    return PaidOrderFactory(offer=sold_offer(school, **said), email="olena@example.test")


@pytest.mark.spec("K33.2: the third order brings nothing for the second")
@pytest.mark.spec("K33.3: free and refunded orders do not count")
def test_the_number_of_purchases_is_reached_once(school, contact):
    listening(school, "purchases.reached", count=2)
    buy(school, price_minor=0)
    first = buy(school)
    assert runs(school) == [] == started(school)
    with school_scope(school):
        request_refund(
            payment=first.payments.get(),
            amount_minor=first.total_minor,
            reason="",
            closes_access=False,
            returns_coupon=False,
            actor=None,
        )
    buy(school)
    assert started(school) == []
    buy(school)
    assert len(started(school)) == 1
    buy(school)
    assert len(started(school)) == 1


def test_two_purchases_told_late_and_together_still_reach_two(school, contact):
    listening(school, "purchases.reached", count=2)
    for minutes in (1, 2, 3):
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            buy(school)
    with clock.at(clock.now() + timedelta(minutes=9)):
        assert len(started(school)) == 1


def test_contacts_new_listed_and_tagged(school, contact):
    with school_scope(school):
        chosen, other = (create_list(name=name, actor=None) for name in ("A", "B"))
        tag_contacts(contacts=[contact], name="VIP")
        vip = Tag.objects.get()
    listening(school, "list.joined", list=chosen.token)
    listening(school, "contact.tagged", tag=vip.token)
    listening(school, "contact.created")
    fresh = ContactFactory(school=school)
    with school_scope(school):
        add_members(contact_list=other, contacts=[fresh], actor=None)
        add_members(contact_list=chosen, contacts=[fresh, contact], actor=None)
        tag_contacts(contacts=[fresh], name="other")
        tag_contacts(contacts=[fresh, contact], name="vip")
    assert started(school) == [
        ("contact.created", ""),
        *[("list.joined", f"list:{chosen.pk}")] * 2,
        ("contact.tagged", f"tag:{vip.pk}"),
    ]


def test_a_call_from_outside(school, contact):
    with school_scope(school):
        chosen, other = (IncomingHook.objects.create(school=school, name=name) for name in "AB")
    listening(school, "hook.received", hook=chosen.token)
    with school_scope(school):
        for hook in (other, chosen):
            record_event("hook.received", subject=contact, data={"hook": hook.pk})
    assert started(school) == [("hook.received", f"hook:{chosen.pk}")]


@pytest.mark.spec("C37.1: used, once, as a trigger")
def test_a_coupon_is_used(school):
    offer = sold_offer(school)
    spring, _summer = (CouponFactory(school=school, code=code) for code in ("SPRING", "SUMMER"))
    listening(school, "coupon.redeemed", coupon=spring.token)
    pay(with_coupon(offer, "SUMMER"))
    held = with_coupon(offer, "SPRING", email="other@example.test")
    assert started(school) == []
    pay(held)
    assert started(school) == [("coupon.redeemed", f"offer:{offer.pk}")]
    with school_scope(school):
        assert Run.objects.get().order_id == held.pk


@pytest.mark.spec("C37.2: the amount is the discount of the order, used and given back alike")
@pytest.mark.spec("C37.3: what comes back names the same order")
@pytest.mark.spec("C37.1: given, usable and given back are triggers too, each once")
def test_what_happens_to_a_coupon_starts_automations_that_know_its_code(school):
    offer = sold_offer(school)
    for trigger in ("coupon.rewarded", "coupon.activated", "coupon.redeemed", "coupon.released"):
        spent = "{{ order.number }} {{ order.discount }}" if trigger in ("coupon.redeemed", "coupon.released") else ""
        said = mail(f"{{{{ coupon.code }}}} {{{{ coupon.size }}}} {{{{ coupon.link }}}}\n\n{spent}", subject=trigger)
        AutomationFactory(school=school, name=trigger, trigger=trigger, steps=(said,))
    (coupon,) = rewarded(school, "olena@example.test", starts_after_days=2)
    assert told() == ["coupon.rewarded"]
    start = NOON + timedelta(days=2)
    with clock.at(start):
        drain()
        order = placed(offer, email="olena@example.test", code=code(coupon), shown_total_minor=102_000).order
        held = placed(offer, email="olena@example.test").order
        pay(order)
        drain()
    assert told() == ["coupon.rewarded", "coupon.activated", "coupon.redeemed"]
    with clock.at(start + timedelta(hours=1)):
        with school_scope(school):
            request_refund(
                payment=order.payments.get(), amount_minor=102_000, reason="", returns_coupon=True, actor=None
            )
            cancel_order(order=Order.objects.get(pk=held.pk), reason="", actor=None)
        drain()
    assert told() == ["coupon.rewarded", "coupon.activated", "coupon.redeemed", "coupon.released"]
    store, own = f"{code(coupon)} 15% http", f"/o/{offer.token}?coupon={code(coupon)}"
    letters = [letter for letter in django_mail.outbox if letter.subject.startswith("coupon.")]
    assert all(letter.body.startswith(store) for letter in letters)
    assert [own in letter.body for letter in letters] == [False, False, True, True]
    assert [f"{order.number} UAH\N{NO-BREAK SPACE}180" in letter.body for letter in letters] == [
        False,
        False,
        True,
        True,
    ]
    assert f"/?coupon={code(coupon)}" in letters[0].body  # good for every offer: the store with the code


def told():
    return [letter.subject for letter in django_mail.outbox if letter.subject.startswith("coupon.")]


def test_a_use_that_was_held_and_never_paid_is_not_given_back(school):
    listening(school, "coupon.released", coupon="")
    CouponFactory(school=school, code="SPRING")
    order = with_coupon(sold_offer(school), "SPRING")
    with school_scope(school):
        cancel_order(order=Order.objects.get(pk=order.pk), reason="", actor=None)
    assert started(school) == []
