"""Orders canceled, moved, commented, and given a new link (K01, K02)."""

from datetime import timedelta

import pytest

from contacts.models import Contact
from courses.models import Access, Lesson, LessonCompletion, Module
from kwiga import clock
from kwiga.tokens import digest
from orders.errors import OnceOnly, OrderRefused, SoldOut
from orders.links import order_of_token, pay_token, pay_url, renew_pay_link
from orders.models import Order, PaymentConnection
from orders.services.closing import cancel_order, expire_order
from orders.services.comments import add_comment
from orders.services.moving import move_order
from orders.services.paying import mark_paid, start_payment
from orders.services.reissuing import reissue_order
from schools import search
from schools.models import Event, OutboxRow, School, User
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.orders import PaidOrderFactory, PlacedOrderFactory, placed, sold_offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(scope: School) -> Order:
    return PlacedOrderFactory(school=scope, email="ana@example.test", name="Anna")


# --- The pay link ---


def test_the_link_leads_to_the_order_and_only_its_digest_is_kept(scope: School, order: Order) -> None:
    token = pay_token(order)
    assert order_of_token(token) == order
    assert pay_url(scope, order) == f"http://green.localhost:8000/pay/{token}/"
    assert len(token) == 22
    kept = Order.objects.filter(pk=order.pk).values().get()
    assert kept["pay_digest"] == digest(token)
    assert token not in str(kept)


@pytest.mark.spec("K02.1: the link carries the order and nothing that could be altered")
def test_what_is_paid_is_the_agreed_sum(order: Order, paper: PaymentConnection) -> None:
    found = order_of_token(pay_token(order))
    assert found
    assert start_payment(order=found, connection=paper).amount_minor == order.total_minor == 120_000


@pytest.mark.spec("K02.3")
def test_a_new_link_makes_the_old_one_stop_at_once(order: Order, owner: User) -> None:
    old = pay_token(order)
    order = renew_pay_link(order=order, actor=owner)
    assert order_of_token(old) is None
    assert order_of_token(pay_token(order)) == order
    assert Event.objects.get(kind="order.link_renewed").actor == owner


@pytest.mark.spec("K02.5")
def test_the_link_of_one_school_opens_nothing_in_another(other_school: School, school: School) -> None:
    token = placed(sold_offer(school)).pay_token
    with school_scope(other_school):
        assert order_of_token(token) is None


def test_links_of_two_orders_differ(scope: School) -> None:
    offer = sold_offer(scope)
    assert len({placed(offer).pay_token for _number in range(3)}) == 3


@pytest.mark.spec("K02.4: staff can reissue it")
def test_an_expired_order_gets_a_new_link_and_a_new_end(scope: School, owner: User, paper: PaymentConnection) -> None:
    order = placed(sold_offer(scope, seats=1)).order
    assert order.expires_at
    later = order.expires_at + timedelta(days=1)
    old = pay_token(order)
    with clock.at(later):
        expire_order(order=order)
        order = reissue_order(order=order, expires_at=later + timedelta(days=7), actor=owner)
        assert start_payment(order=order, connection=paper).amount_minor == order.total_minor
    assert (order.state, order.seat, order.closed_at) == ("pending", "held", None)
    assert order.held_until == order.expires_at == later + timedelta(days=7)
    assert order_of_token(old) is None
    assert OutboxRow.objects.filter(kind="order_expiry", available_at=order.expires_at).exists()
    assert OutboxRow.objects.filter(kind="order_hold", available_at=order.expires_at).exists()


def test_what_cannot_be_paid_again_is_not_reissued(scope: School, order: Order) -> None:
    week = clock.now() + timedelta(days=7)
    with pytest.raises(OrderRefused):
        reissue_order(order=order, expires_at=clock.now(), actor=None)
    cancel_order(order=order, reason="", actor=None)
    with pytest.raises(OrderRefused):
        reissue_order(order=order, expires_at=week, actor=None)


def test_a_seat_or_a_purchase_that_is_gone_is_not_reissued(scope: School) -> None:
    seat, once = sold_offer(scope, seats=1), sold_offer(scope, once_per_contact=True)
    late = [placed(offer, email="slow@example.test").order for offer in (seat, once)]
    after = clock.now() + timedelta(days=30)
    with clock.at(after):
        for order in late:
            expire_order(order=order)
        placed(seat, email="quick@example.test")
        PaidOrderFactory(offer=once, email="slow@example.test")
        for order, error in zip(late, [SoldOut, OnceOnly], strict=True):
            with pytest.raises(error):
                reissue_order(order=order, expires_at=after + timedelta(days=1), actor=None)


# --- Canceling ---


def test_canceling_says_why_and_by_whom(order: Order, owner: User) -> None:
    order = cancel_order(order=order, reason="asked by phone", actor=owner)
    assert (order.state, order.close_reason, order.closed_at) == ("canceled", "asked by phone", clock.now())
    event = Event.objects.get(kind="order.canceled")
    assert (event.actor, event.data) == (owner, {"reason": "asked by phone"})
    cancel_order(order=order, reason="again", actor=owner)
    assert Event.objects.filter(kind="order.canceled").count() == 1


def test_a_paid_order_is_not_canceled(scope: School) -> None:
    with pytest.raises(OrderRefused):
        cancel_order(order=PaidOrderFactory(school=scope), reason="", actor=None)


def test_an_order_expires_once(order: Order) -> None:
    assert order.expires_at
    with clock.at(order.expires_at):
        expire_order(order=order)
        expire_order(order=order)
    assert Event.objects.filter(kind="order.expired").count() == 1


# --- Moving ---


def test_a_mistyped_email_is_put_right_with_everything_that_was_opened(scope: School, owner: User) -> None:
    order = PaidOrderFactory(school=scope, email="ana@example.test", name="Anna")
    token, wrong = pay_token(order), order.contact_id
    moved = move_order(order=order, email=" Anna@Example.test", name="Anna", actor=owner)
    right = Contact.objects.get(email="anna@example.test")
    assert (moved.contact, moved.buyer_email) == (right, "anna@example.test")
    assert Access.objects.get().contact == right
    assert order_of_token(token) == order
    event = Event.objects.get(kind="order.moved")
    assert (event.actor, event.data) == (owner, {"from": wrong, "to": right.pk})
    (hits,) = search.found("order", "anna@example.test")
    assert list(hits.values_list("object_id", flat=True)) == [order.pk]
    (misses,) = search.found("order", "ana@example.test")
    assert not misses.exists()


def test_moving_leaves_what_was_learned_with_whoever_learned_it(scope: School) -> None:
    order = PaidOrderFactory(school=scope)
    course = Access.objects.get().course
    module = Module.objects.create(school=scope, course=course, title="Module")
    lesson = Lesson.objects.create(school=scope, course=course, module=module, title="Lesson")
    LessonCompletion.objects.create(school=scope, contact=order.contact, lesson=lesson)
    learner = order.contact
    move_order(order=order, email="anna@example.test", name="", actor=None)
    assert LessonCompletion.objects.get().contact == learner != Access.objects.get().contact


def test_an_unpaid_order_moves_and_opens_for_its_new_person(scope: School, order: Order) -> None:
    anna = ContactFactory(school=scope, email="anna@example.test")
    moved = move_order(order=order, email="anna@example.test", name="", actor=None)
    mark_paid(order=moved, amount_minor=120_000, comment="", actor=None)
    assert Access.objects.get().contact == anna


# --- Comments ---


def test_a_comment_names_its_author(order: Order, owner: User) -> None:
    comment = add_comment(order=order, text="  Called twice. ", actor=owner)
    assert (comment.order, comment.author, comment.text) == (order, owner, "Called twice.")
    assert Event.objects.get(kind="order.commented").data == {"comment": comment.pk}
