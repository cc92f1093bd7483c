"""The rules of orders and money: silent on what the services make, loud about each kind of damage."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from contacts.services.erasing import erase_contact
from kwiga import clock
from offers.models import Offer
from orders.models import InboxEvent, Order, OrderAccess, OrderLine, Payment, PaymentConnection, Refund
from orders.services.applying import apply_state
from orders.services.closing import cancel_order, expire_order
from orders.services.paying import mark_paid
from orders.services.refunds import request_refund
from schools.invariants import check_invariants, find_invariants
from schools.models import Event, OutboxRow, School
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.orders import (
    ConnectionFactory,
    PaidOrderFactory,
    PlacedOrderFactory,
    placed,
    sold_offer,
    started,
)
from tests.support.paper_bank import PaperBank, state_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "ops", "relay"])


def broken() -> dict[str, list[tuple[Any, ...]]]:
    return {finding.invariant.name: finding.rows for finding in check_invariants() if finding.rows}


def test_what_the_services_make_breaks_no_rule(school: School, paper: PaymentConnection, bank: PaperBank) -> None:
    """Every ending of an order, with every kind of payment."""
    seats = sold_offer(school, seats=9)
    unpaid, canceled, late = (placed(seats, email=f"{name}@x.test").order for name in ("a", "b", "c"))
    PaidOrderFactory(offer=seats)
    PaidOrderFactory(offer=sold_offer(school, price_minor=0))
    refunded, part_refunded = PaidOrderFactory(school=school), PaidOrderFactory(school=school)
    part, wrong = PlacedOrderFactory(school=school), PlacedOrderFactory(school=school)
    wrong_payment, late_payment = started(wrong, paper, "ref-1"), started(late, paper, "ref-2")
    with school_scope(school):
        cancel_order(order=canceled, reason="", actor=None)
        cancel_order(order=late, reason="", actor=None)
        mark_paid(order=part, amount_minor=1, comment="", actor=None)
        for order, amount in [(refunded, 120_000), (part_refunded, 1)]:
            request_refund(payment=order.payments.get(), amount_minor=amount, reason="", actor=None)
        apply_state(payment=wrong_payment, state=state_of(wrong_payment, currency="USD"))
        apply_state(payment=late_payment, state=state_of(late_payment))
    bank.sessions["ref-2"] = state_of(late_payment)
    assert unpaid.expires_at
    with clock.at(unpaid.expires_at), school_scope(school):
        expire_order(order=unpaid)
    drain()
    assert broken() == {}


# --- Damage, and who finds it ---


def a_line_is_another_sum(school: School) -> list[tuple[Any, ...]]:
    order = PlacedOrderFactory(school=school)
    Order.objects.filter(pk=order.pk).update(subtotal_minor=1, total_minor=1)
    return [(school.pk, order.pk)]


def a_payment_counts_in_another_currency(school: School) -> list[tuple[Any, ...]]:
    order = PaidOrderFactory(school=school)
    payment = order.payments.get()
    Payment.objects.filter(pk=payment.pk).update(currency="USD")
    return [(school.pk, order.pk, payment.pk)]


def an_order_is_paid_by_too_little(school: School) -> list[tuple[Any, ...]]:
    order = PaidOrderFactory(school=school)
    order.payments.update(amount_minor=F("amount_minor") - 1)
    return [(school.pk, order.pk)]


def an_order_waits_though_it_is_paid(school: School) -> list[tuple[Any, ...]]:
    order = PlacedOrderFactory(school=school)
    Payment.objects.create(
        school=school, order=order, provider="outside", state="captured", amount_minor=120_000, currency="UAH"
    )
    return [(school.pk, order.pk)]


def a_closed_order_keeps_money(school: School) -> list[tuple[Any, ...]]:
    order = an_order_waits_though_it_is_paid(school)[0][1]
    Order.objects.filter(pk=order).update(state="canceled")
    return [(school.pk, order)]


def a_review_was_forgotten(school: School) -> list[tuple[Any, ...]]:
    order = an_order_waits_though_it_is_paid(school)[0][1]
    Payment.objects.filter(order=order).update(review_reason="amount")
    return [(school.pk, order)]


def a_paid_order_opened_nothing(school: School) -> list[tuple[Any, ...]]:
    order = PaidOrderFactory(school=school)
    OrderAccess.objects.all().delete()
    line = order.lines.get()
    return [(school.pk, order.pk, line.pk, line.items.get().course_id)]


def an_unpaid_order_opened_something(school: School) -> list[tuple[Any, ...]]:
    paid, unpaid = PaidOrderFactory(school=school), PlacedOrderFactory(school=school)
    row = paid.order_accesses.get()
    copy = type(row.access).objects.create(
        school=school, contact=unpaid.contact, course=row.access.course, starts_at=clock.now(), cause="damage"
    )
    extra = OrderAccess.objects.create(school=school, order=unpaid, access=copy)
    return [(school.pk, unpaid.pk, extra.pk)]


def a_part_is_paid_twice(school: School) -> list[tuple[Any, ...]]:
    order = PaidOrderFactory(school=school)
    Payment.objects.create(
        school=school, order=order, provider="outside", state="captured", amount_minor=1, currency="UAH"
    )
    return [(school.pk, str(order.pk))]


def two_payments_have_one_name(school: School) -> list[tuple[Any, ...]]:
    for order in (PlacedOrderFactory(school=school), PlacedOrderFactory(school=school)):
        Payment.objects.create(
            school=school, order=order, provider="paper", provider_ref="same", amount_minor=1, currency="UAH"
        )
    return [(school.pk, "same")]


def a_paid_order_only_holds_its_seat(school: School) -> list[tuple[Any, ...]]:
    order = PaidOrderFactory(offer=sold_offer(school, seats=2))
    Order.objects.filter(pk=order.pk).update(seat="held")
    return [(school.pk, order.pk, "held")]


def a_closed_order_keeps_its_seat(school: School) -> list[tuple[Any, ...]]:
    order = PlacedOrderFactory(offer=sold_offer(school, seats=2))
    Order.objects.filter(pk=order.pk).update(state="expired")
    return [(school.pk, order.pk, "held")]


def the_counter_of_seats_is_off(school: School) -> list[tuple[Any, ...]]:
    offer = PlacedOrderFactory(offer=sold_offer(school, seats=2)).offer
    Offer.objects.filter(pk=offer.pk).update(seats_taken=0)
    return [(school.pk, offer.pk)]


def a_refund_is_not_counted(school: School) -> list[tuple[Any, ...]]:
    payment = PaidOrderFactory(school=school).payments.get()
    Refund.objects.create(school=school, payment=payment, amount_minor=1, state="succeeded")
    return [(school.pk, payment.pk)]


def a_notice_lies_about(school: School) -> list[tuple[Any, ...]]:
    connection = ConnectionFactory(school=school)
    past = clock.now() - timedelta(minutes=3)
    event = InboxEvent.objects.create(school=school, connection=connection, event_id="e", received_at=past)
    return [(school.pk, event.pk)]


def an_order_has_no_line(school: School) -> list[tuple[Any, ...]]:
    order = PlacedOrderFactory(offer=sold_offer(school, price_minor=0))
    OrderLine.objects.filter(order=order).delete()
    return [(school.pk, order.pk)]


def an_order_was_never_told(school: School) -> list[tuple[Any, ...]]:
    order = PlacedOrderFactory(school=school)
    Event.objects.filter(kind="order.placed").update(kind="offer.published")
    return [(school.pk, order.pk)]


def nobody_will_look_at_the_end(school: School) -> list[tuple[Any, ...]]:
    order = PlacedOrderFactory(school=school)
    OutboxRow.objects.filter(kind="order_expiry").delete()
    return [(school.pk, order.pk)]


def nobody_will_look_at_the_hold(school: School) -> list[tuple[Any, ...]]:
    order = PlacedOrderFactory(offer=sold_offer(school, seats=2))
    OutboxRow.objects.filter(kind="order_hold").delete()
    return [(school.pk, order.pk)]


def an_erased_buyer_is_named(school: School) -> list[tuple[Any, ...]]:
    order = PaidOrderFactory(school=school)
    erase_contact(contact=order.contact, actor=None)
    Order.objects.filter(pk=order.pk).update(buyer_name="Olena")
    return [(school.pk, order.pk)] * 2  # the order, and its history


DAMAGE = [
    pytest.param("order_adds_up", a_line_is_another_sum, marks=pytest.mark.spec("I4")),
    pytest.param("order_has_one_currency", a_payment_counts_in_another_currency, marks=pytest.mark.spec("I5")),
    pytest.param("order_is_settled_by_money", an_order_is_paid_by_too_little, marks=pytest.mark.spec("I6")),
    ("order_is_settled_by_money", an_order_waits_though_it_is_paid),
    ("order_is_settled_by_money", a_closed_order_keeps_money),
    ("order_is_settled_by_money", a_review_was_forgotten),
    pytest.param("paid_order_has_access", a_paid_order_opened_nothing, marks=pytest.mark.spec("I7")),
    ("unpaid_order_has_no_access", an_unpaid_order_opened_something),
    pytest.param("nothing_is_charged_twice", a_part_is_paid_twice, marks=pytest.mark.spec("I8")),
    ("nothing_is_charged_twice", two_payments_have_one_name),
    pytest.param("seat_belongs_to_live_order", a_paid_order_only_holds_its_seat, marks=pytest.mark.spec("I9")),
    ("seat_belongs_to_live_order", a_closed_order_keeps_its_seat),
    ("seats_equal_orders", the_counter_of_seats_is_off),
    ("refunds_equal_rows", a_refund_is_not_counted),
    pytest.param("notices_are_worked_on", a_notice_lies_about, marks=pytest.mark.spec("I11")),
    pytest.param("order_is_complete", an_order_has_no_line, marks=pytest.mark.spec("I15")),
    ("order_is_complete", an_order_was_never_told),
    ("unpaid_order_has_an_end", nobody_will_look_at_the_end),
    ("unpaid_order_has_an_end", nobody_will_look_at_the_hold),
    pytest.param("erased_orders_are_nameless", an_erased_buyer_is_named, marks=pytest.mark.spec("I17")),
]


@pytest.mark.parametrize(("rule", "damage"), DAMAGE)
def test_damage_is_found(school: School, rule: str, damage: Callable[[School], list[tuple[Any, ...]]]) -> None:
    with school_scope(school):
        expected = damage(school)
    assert broken().get(rule) == expected


def test_every_rule_of_orders_has_a_control_here() -> None:
    tried = {getattr(each, "values", each)[0] for each in DAMAGE}
    assert tried == {rule.name for rule in find_invariants() if rule.app == "orders"}
