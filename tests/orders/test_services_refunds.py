"""Money given back, a part or all of it, and the arithmetic of that (K03, trust C7)."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courses.models import Access
from kwiga import clock
from orders.models import Order, OrderAccess, Payment, PaymentConnection, Refund
from orders.payments.protocol import NotPossible
from orders.selectors.money import due_minor, refundable_minor
from orders.services.applying import apply_state
from orders.services.paying import mark_paid
from orders.services.refunds import RefundRefused, request_refund
from orders.states import refunded_state
from schools.models import Event, OutboxRow, School, User
from tests.factories.orders import PaidOrderFactory, PlacedOrderFactory, sold_offer, started
from tests.support.paper_bank import PaperBank, given_back, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def online(scope: School, paper: PaymentConnection) -> Payment:
    """A captured payment of 1 200 UAH at a provider."""
    payment = started(PlacedOrderFactory(school=scope), paper, "ref-1")
    return apply_state(payment=payment, state=state_of(payment))


@pytest.fixture
def in_cash(scope: School) -> Payment:
    return PaidOrderFactory(school=scope).payments.get()


def give(payment: Payment, amount_minor: int, **said: object) -> Refund:
    return request_refund(payment=payment, amount_minor=amount_minor, **({"reason": "", "actor": None} | said))


def states(payment: Payment) -> tuple[str, str, int]:
    payment = Payment.objects.select_related("order").get(pk=payment.pk)
    return payment.order.state, payment.state, payment.refunded_minor


@pytest.mark.spec("K03.4")
def test_a_part_given_back_lowers_the_net_and_leaves_access_open(in_cash: Payment, owner: User) -> None:
    refund = give(in_cash, 20_000, reason="late start", actor=owner)
    assert states(in_cash) == ("part_refunded", "part_refunded", 20_000)
    assert (refund.state, refund.reason, refund.made_by) == ("succeeded", "late start", owner)
    assert refundable_minor(Payment.objects.get()) == 100_000
    assert due_minor(in_cash.order) == 0
    assert Access.objects.open_at(clock.now()).count() == 1
    give(in_cash, 100_000)
    assert states(in_cash) == ("refunded", "refunded", 120_000)
    assert Access.objects.open_at(clock.now()).count() == 1


@pytest.mark.parametrize("amount_minor", [0, -1, 120_001])
def test_no_more_than_what_is_left(in_cash: Payment, amount_minor: int) -> None:
    with pytest.raises(RefundRefused):
        give(in_cash, amount_minor)
    assert not Refund.objects.exists()


def test_refunds_under_way_count_as_given(online: Payment) -> None:
    give(online, 100_000)
    with pytest.raises(RefundRefused):
        give(online, 20_001)
    give(online, 20_000)
    assert states(online) == ("paid", "captured", 0)


def test_money_that_never_came_is_not_given_back(scope: School, paper: PaymentConnection) -> None:
    with pytest.raises(RefundRefused):
        give(started(PlacedOrderFactory(school=scope), paper, "ref-1"), 1)


def test_a_provider_is_asked_through_the_outbox(online: Payment) -> None:
    refund = give(online, 20_000)
    row = OutboxRow.objects.get(kind="refund")
    assert (row.dedupe_key, row.payload) == (f"payment:{online.pk}:refund:{refund.pk}", {"refund": refund.pk})
    assert refund.state == "requested"
    assert Event.objects.get(kind="refund.requested").data == {
        "payment": online.pk,
        "refund": refund.pk,
        "amount_minor": 20_000,
        "currency": "UAH",
    }


def test_what_the_provider_says_of_our_refund_is_about_our_row(online: Payment) -> None:
    refund = give(online, 20_000)
    back = given_back(20_000, reference=str(refund.pk))
    for _time in range(2):
        apply_state(payment=online, state=state_of(online, refunds=(back,)))
    assert Refund.objects.get().provider_ref == "re_1"
    assert states(online) == ("part_refunded", "part_refunded", 20_000)
    assert Event.objects.filter(kind="refund.succeeded").count() == 1


def test_a_provider_that_keeps_no_number_of_ours_is_understood_by_the_sum(online: Payment) -> None:
    refund = give(online, 20_000)
    apply_state(payment=online, state=state_of(online, refunds=(given_back(20_000), given_back(5_000, "re_2"))))
    refund.refresh_from_db()
    assert (refund.provider_ref, refund.state, Refund.objects.count()) == ("re_1", "succeeded", 2)


def test_a_refund_that_failed_can_be_tried_again(online: Payment) -> None:
    refund = give(online, 120_000)
    failed = given_back(120_000, reference=str(refund.pk), status="failed", failure="no_funds")
    apply_state(payment=online, state=state_of(online, refunds=(failed,)))
    refund.refresh_from_db()
    assert (refund.state, refund.failure) == ("failed", "no_funds")
    assert states(online) == ("paid", "captured", 0)
    assert give(online, 120_000).state == "requested"


def test_a_refund_still_under_way_at_the_provider_waits(online: Payment) -> None:
    refund = give(online, 20_000)
    waiting = given_back(20_000, reference=str(refund.pk), status="requested")
    apply_state(payment=online, state=state_of(online, refunds=(waiting,)))
    refund.refresh_from_db()
    assert (refund.state, refund.provider_ref) == ("requested", "re_1")


def test_closing_access_closes_what_this_order_opened_and_nothing_else(scope: School, owner: User) -> None:
    offer = sold_offer(scope)
    kept = PaidOrderFactory(offer=offer, email="anna@example.test")
    returned = PaidOrderFactory(offer=offer, email="anna@example.test")
    give(returned.payments.get(), 120_000, closes_access=True, actor=owner)
    revoked = dict(OrderAccess.objects.values_list("order_id", "access__revoked_at"))
    assert revoked[kept.pk] is None
    assert revoked[returned.pk] is not None


def test_access_stays_open_until_the_money_is_back(online: Payment) -> None:
    refund = give(online, 120_000, closes_access=True, returns_coupon=True)
    assert refund.returns_coupon
    assert Access.objects.open_at(clock.now()).count() == 1
    apply_state(payment=online, state=state_of(online, refunds=(given_back(120_000, reference=str(refund.pk)),)))
    assert Access.objects.open_at(clock.now()).count() == 0


def test_providers_that_cannot_say_so(online: Payment, bank: PaperBank) -> None:
    able = bank.capabilities
    bank.capabilities = replace(able, refunds=False)
    with pytest.raises(NotPossible):
        give(online, 120_000)
    bank.capabilities = replace(able, part_refunds=False)
    with pytest.raises(NotPossible):
        give(online, 20_000)
    assert give(online, 120_000).state == "requested"


# --- Arithmetic (C7) ---

_MONEY = st.integers(min_value=1, max_value=10**12)


@pytest.mark.spec("C7: parts given back never add up to more than what came")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(total=_MONEY, asked=st.lists(_MONEY, max_size=6))
def test_any_refunds_leave_sums_that_add_up(scope: School, total: int, asked: list[int]) -> None:
    order = PaidOrderFactory(offer=sold_offer(scope, price_minor=total))
    payment, back = order.payments.get(), 0
    for amount in asked:
        try:
            give(payment, amount)
            back += amount
        except RefundRefused:
            assert amount > total - back
        assert states(payment) == (_word(total, back), refunded_state(total, back), back)
    assert refundable_minor(Payment.objects.get(pk=payment.pk)) == total - back >= 0


def _word(total: int, back: int) -> str:
    return {"captured": "paid"}.get(refunded_state(total, back), refunded_state(total, back))


@pytest.mark.spec("C7: parts paid add up to the total")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(total=_MONEY, data=st.data())
def test_any_parts_paid_add_up_to_the_total(scope: School, total: int, data: st.DataObject) -> None:
    order = PlacedOrderFactory(offer=sold_offer(scope, price_minor=total))
    parts = 0
    while due := due_minor(Order.objects.get(pk=order.pk)):
        parts += 1
        part = due if parts == 5 else data.draw(st.integers(min_value=1, max_value=due))
        mark_paid(order=order, amount_minor=part, comment="", actor=None)
    order.refresh_from_db()
    numbers = list(Payment.objects.filter(order=order).order_by("id").values_list("part_no", flat=True))
    assert (order.state, numbers) == ("paid", list(range(1, parts + 1)))
    assert sum(Payment.objects.filter(order=order).values_list("amount_minor", flat=True)) == total
