"""A coupon's life in steps chosen by Hypothesis, in the product and in the model: after each both say the same."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from coupons.models import Coupon, Redemption
from coupons.services import coupons as verbs
from coupons.status import status_of
from kwiga import clock
from kwiga.errors import DomainError
from offers.models import Offer
from orders.errors import CouponRefused
from orders.models import Order, Payment
from orders.selectors.quote import quote_offer
from orders.services.closing import cancel_order, expire_order, release_hold
from orders.services.paying import mark_paid
from orders.services.placing import place_order
from orders.services.refunds import request_refund
from schools.invariants import broken_rows, find_invariants
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.coupons.life_model import PRICE, Model, Rules, Sold
from tests.factories.coupons import CouponFactory
from tests.factories.orders import checkout_of

RULES = {
    "coupon_within_limit",
    "counter_equals_uses",
    "contact_within_limit",
    "use_belongs_to_live_order",
    "use_inside_its_window",
}
HOUR = timedelta(hours=1)
PEOPLE = st.sampled_from(["olena@x.test", "taras@x.test", "ivan@x.test"])
STRANGER = "stranger@x.test"
LIMITS = st.sampled_from([None, 1, 2, 3])
LIMITS_OF_BOTH = st.tuples(LIMITS, LIMITS)
TIMES = st.sampled_from([HOUR / 6, HOUR / 6, 0.52 * HOUR, 5 * HOUR, timedelta(days=8)])
ENDS = st.sampled_from([None, HOUR, 6 * HOUR, timedelta(days=3)])
MOVES = {
    "publish": verbs.publish_coupon,
    "pause": verbs.pause_coupon,
    "resume": verbs.resume_coupon,
    "end": verbs.end_coupon,
    "archive": verbs.archive_coupon,
    "delete": verbs.delete_coupon,
}

type Limits = tuple[int | None, int | None]  # in all, of each


class Life(RuleBasedStateMachine):
    """One life, in a transaction that is given up at its end."""

    def __init__(self, school: School, offer: Offer) -> None:
        super().__init__()
        self.school, self.offer = school, offer
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.model = Model(now=clock.now())
        self.coupons: dict[Rules, int] = {}
        self.orders: dict[Sold, int] = {}

    def teardown(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            with school_scope(self.school), connection.cursor() as cursor:
                broken = {rule.name for rule in find_invariants() if rule.name in RULES and broken_rows(cursor, rule)}
            assert not broken, broken
        finally:
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    # --- Coupons come and go ---

    @initialize(limits=LIMITS_OF_BOTH, ends=ENDS)
    def first(self, limits: Limits, ends: timedelta | None) -> None:
        self._create(limits, None, ends, is_draft=False)

    @precondition(lambda self: self.model.is_through)
    @rule(limits=LIMITS_OF_BOTH, starts=ENDS, ends=ENDS, is_draft=st.booleans())
    def create(self, limits: Limits, starts: timedelta | None, ends: timedelta | None, is_draft: bool) -> None:
        self._create(limits, starts, starts + ends if starts and ends else ends, is_draft=is_draft)

    @precondition(lambda self: not self.model.coupon.is_deleted and not self.model.is_live)
    @rule()
    def go(self) -> None:
        self._move("publish" if self.model.coupon.is_draft else "resume")

    @precondition(lambda self: not self.model.coupon.is_deleted)
    @rule(name=st.sampled_from(["publish", "pause", "resume"]))
    def stop_or_go(self, name: str) -> None:
        self._move(name)

    @precondition(lambda self: not self.model.coupon.is_deleted and len(self.model.orders) >= 3)
    @rule(name=st.sampled_from(["end", "archive", "delete"]))
    def leave(self, name: str) -> None:
        self._move(name)

    @precondition(lambda self: self.model.coupon.ends_at and not self.model.coupon.is_deleted)
    @rule(until=ENDS)
    def extend(self, until: timedelta | None) -> None:
        ends_at = self.model.now + until if until else None
        act = lambda: verbs.extend_coupon(coupon=self._coupon(), ends_at=ends_at, actor=None)  # noqa: E731
        self._same(self.model.move("extend", ends_at), act)

    @precondition(lambda self: not self.model.coupon.is_deleted)
    @rule(name=st.sampled_from(["max_uses", "max_uses_per_contact", "percent_bp"]), value=LIMITS)
    def change(self, name: str, value: int | None) -> None:
        said = (value or 4) * 1_000 if name == "percent_bp" else value
        change = lambda: verbs.change_coupon(coupon=self._coupon(), terms=self._terms(name, said), actor=None)  # noqa: E731
        self._same(self.model.change(name, said), change)

    # --- Buyers ---

    @rule(who=PEOPLE)
    def buy(self, who: str) -> None:
        self._place(who, [])

    @rule(who=PEOPLE, newest=st.booleans())
    def buy_in_the_same_browser(self, who: str, newest: bool) -> None:
        own = [each for each in self.model.orders if each.who == who]
        self._place(who, own[-1:] if newest else own)

    @precondition(lambda self: self.model.those("pending"))
    @rule(data=st.data())
    def pay(self, data: st.DataObject) -> None:
        self._pay(self._some(data, "pending"))

    @precondition(lambda self: self.model.those("canceled", "expired", "paid"))
    @rule(data=st.data())
    def pay_what_is_closed(self, data: st.DataObject) -> None:
        self._pay(self._some(data, "canceled", "expired", "paid"))

    @precondition(lambda self: self.model.those("pending", "canceled", "paid"))
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        order = self._some(data, "pending", "canceled", "paid")
        self._same(self.model.cancel(order), lambda: cancel_order(order=self._row(order), reason="", actor=None))

    @precondition(lambda self: self.model.those("paid", "part_refunded"))
    @rule(data=st.data(), part=st.sampled_from([1, 2]), returns=st.booleans())
    def refund(self, data: st.DataObject, part: int, returns: bool) -> None:
        order = self._some(data, "paid", "part_refunded")
        amount = (order.price - order.back) // part
        act = lambda: self._refund(order, amount, returns)  # noqa: E731
        self._same(self.model.refund(order, amount, returns), act)

    @rule(time=TIMES)
    def wait(self, time: timedelta) -> None:
        self.model.wait(time)
        self._same("", self._see_to_what_is_due)

    # --- Both say the same ---

    @invariant()
    def terms_and_statuses_agree(self) -> None:
        rows = self._rows()
        for coupon, pk in self.coupons.items():
            assert (pk not in rows) == coupon.is_deleted
            if pk in rows:
                row = rows[pk]
                assert (row.max_uses, row.max_uses_per_contact) == (coupon.max_uses, coupon.max_uses_per_contact)
                assert (row.percent_bp, row.ends_at) == (coupon.percent_bp, coupon.ends_at)
                assert status_of(row, self.model.now) == self.model.status(coupon)

    @invariant()
    def counters_agree(self) -> None:
        for pk, row in self._rows().items():
            coupon = next(each for each, known in self.coupons.items() if known == pk)
            assert row.uses == (self.model.counted(coupon) if coupon.max_uses is not None else 0)
            assert row.is_used == coupon.is_used

    @invariant()
    def orders_and_uses_agree(self) -> None:
        with self._scope():
            states = dict(Order.objects.values_list("pk", "state"))
            uses = dict(Redemption.objects.values_list("order_discounts__order", "state"))
        assert states == {pk: order.state for order, pk in self.orders.items()}
        assert uses == {pk: order.use for order, pk in self.orders.items()}

    @invariant()
    def everybody_is_told_the_same(self) -> None:
        if not self.coupons:
            return
        for who in (*{order.who for order in self.model.orders}, STRANGER):
            with self._scope():
                quote = quote_offer(offer=self.offer, email=who, at=self.model.now, code=self._code())
            assert (quote.refusal.reason if quote.refusal else "") == self.model.told(who), who
            off = 0 if quote.refusal else self.model.coupon.off
            assert quote.discount_minor == off

    # --- The product's side of the steps ---

    def _create(self, limits: Limits, starts: timedelta | None, ends: timedelta | None, *, is_draft: bool) -> None:
        said = {
            "percent_bp": 1_000,
            "max_uses": limits[0],
            "max_uses_per_contact": limits[1],
            "starts_at": self.model.now + starts if starts else None,
            "ends_at": self.model.now + ends if ends else None,
            "is_draft": is_draft,
        }
        rules = Rules(**said)  # type: ignore[arg-type]
        self.model.coupons.append(rules)
        with clock.at(self.model.now):
            self.coupons[rules] = CouponFactory(school=self.school, code=self._code(), **said).pk

    def _place(self, who: str, own: list[Sold]) -> None:
        known = list(self.model.orders)
        with self._scope():
            numbers = Order.objects.filter(pk__in=[self.orders[each] for each in own]).values_list("number", flat=True)
            own_orders = frozenset(numbers)
        with clock.at(self.model.now):
            checkout = checkout_of(
                self.offer,
                email=who,
                code=self._code(),
                shown_total_minor=PRICE - self.model.coupon.off,
                own_orders=own_orders,
            )
        placed = self._same(self.model.place(who, own), lambda: place_order(checkout=checkout))
        if placed:
            (order,) = (each for each in self.model.orders if each not in known)
            self.orders[order] = placed.order.pk
            assert placed.order.total_minor == order.price

    def _move(self, name: str) -> None:
        self._same(self.model.move(name), lambda: MOVES[name](coupon=self._coupon(), actor=None))

    def _terms(self, name: str, value: int | None) -> verbs.CouponTerms:
        return replace(verbs.terms_in(self._coupon()), **{name: value})  # type: ignore[arg-type]

    def _pay(self, order: Sold) -> None:
        pay = lambda: mark_paid(order=self._row(order), amount_minor=order.price, comment="", actor=None)  # noqa: E731
        self._same(self.model.pay(order), pay)

    def _refund(self, order: Sold, amount: int, returns: bool) -> Any:
        payment = Payment.objects.get(order=self.orders[order])
        return request_refund(
            payment=payment, amount_minor=amount, reason="", returns_coupon=returns, closes_access=True, actor=None
        )

    def _see_to_what_is_due(self) -> None:
        """As the outbox does with every order; those that are not due are left alone."""
        for order in Order.objects.filter(state="pending").order_by("pk"):
            release_hold(order=order)
            expire_order(order=order)

    def _same(self, expected: str, act: Callable[[], Any]) -> Any:
        """Do it, and compare how it was refused, or that it was not."""
        done, refused = None, ""
        try:
            with self._scope():
                done = act()
        except DomainError as error:
            refused = _name_of(error)
        assert refused == expected
        return done

    @contextmanager
    def _scope(self) -> Iterator[None]:
        with clock.at(self.model.now), school_scope(self.school):
            yield

    def _rows(self) -> dict[int, Coupon]:
        with self._scope():
            return {row.pk: row for row in Coupon.objects.all()}

    def _coupon(self) -> Coupon:
        return Coupon.objects.get(pk=self.coupons[self.model.coupon])

    def _code(self) -> str:
        return f"LIFE-{len(self.model.coupons)}"

    def _row(self, order: Sold) -> Order:
        return Order.objects.get(pk=self.orders[order])

    def _some(self, data: st.DataObject, *states: str) -> Sold:
        orders = self.model.those(*states)
        return orders[data.draw(st.integers(0, len(orders) - 1))]


def _name_of(error: DomainError) -> str:
    """The reason that a buyer is told, else the kind of refusal."""
    if isinstance(error, CouponRefused) and error.quote.refusal:
        return str(error.quote.refusal.reason)
    return type(error).__name__
