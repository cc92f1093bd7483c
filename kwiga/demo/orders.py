"""The past of the sample school, order by order, through the verbs that pages and providers use."""

from collections.abc import Callable
from datetime import datetime, timedelta

from contacts.services.people import recognize_contact
from kwiga import clock
from kwiga.demo.coupons import code_for
from kwiga.demo.plan import Outcome, PlannedOrder
from kwiga.demo.rows import MadeRows
from offers.models import Offer, OfferQuestion
from offers.selectors import questions_of, terms_of
from orders.models import Order, Payment, PaymentConnection
from orders.payments.protocol import PaymentState, RefundState, Status
from orders.selectors.quote import quote_offer
from orders.services.applying import apply_state
from orders.services.closing import cancel_order, expire_order, release_hold
from orders.services.comments import add_comment
from orders.services.manual import ManualOrder, make_order
from orders.services.moving import move_order
from orders.services.paying import mark_paid, start_payment
from orders.services.placing import Checkout, place_order
from orders.services.refunds import request_refund
from schools.models import User

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Shop:
    """What happens in the open scope's school; each step at its own instant, none of them after `now`."""

    def __init__(
        self,
        rows: MadeRows,
        offers: dict[str, Offer],
        *,
        card: PaymentConnection,
        transfer: PaymentConnection,
        actor: User,
        now: datetime,
    ) -> None:
        self._rows, self._offers, self._actor, self._now = rows, offers, actor, now
        self._card, self._transfer = card, transfer
        self._documents: dict[tuple[int, str], list[int]] = {}
        self._questions: dict[int, list[OfferQuestion]] = {}

    def happen(self, plan: PlannedOrder) -> Order:
        """Place the order and let it end as planned."""
        order = self._by_hand(plan) if plan.outcome in _BY_HAND else self._place(plan)
        _ENDINGS[plan.outcome](self, order, plan.at)
        return self._rows.add(order)

    # --- Placing ---

    def _place(self, plan: PlannedOrder) -> Order:
        offer, student = self._offers[plan.offer], plan.student
        with clock.at(plan.at):
            email = student.email.replace("example", "exampel") if plan.outcome == Outcome.MOVED else student.email
            quote = quote_offer(offer=offer, at=plan.at, email=email, code=code_for(plan))
            checkout = Checkout(
                offer_token=plan.offer,
                email=email,
                name=student.name,
                phone=student.phone or "+44 20 7946 0000",
                answers=[(question.pk, _ANSWERS[student.language]) for question in self._asked(offer)],
                accepted_version_ids=self._accepted(offer, student.language),
                language=student.language,
                shown_total_minor=quote.total_minor,
                shown_currency=quote.currency,
                idempotency_key=f"demo-{plan.number}",
                code=quote.code if quote.coupon else "",
                utm={"utm_source": plan.source} if plan.source else {},
                # Documentation addresses (RFC 5737), a different one each.
                client_address=f"198.51.100.{plan.number % 256}",
            )
            return place_order(checkout=checkout).order

    def _asked(self, offer: Offer) -> list[OfferQuestion]:
        if offer.pk not in self._questions:
            self._questions[offer.pk] = questions_of(offer)
        return self._questions[offer.pk]

    def _accepted(self, offer: Offer, language: str) -> list[int]:
        key = (offer.pk, language)
        if key not in self._documents:
            self._documents[key] = [shown.version.pk for shown in terms_of(offer, language) if shown.is_required]
        return self._documents[key]

    def _by_hand(self, plan: PlannedOrder) -> Order:
        student, offer = plan.student, self._offers[plan.offer]
        with clock.at(plan.at):
            contact = recognize_contact(
                email=student.email, name=student.name, phone=student.phone, language=student.language
            )
            is_gift = plan.outcome == Outcome.MANUAL
            terms = ManualOrder(
                contact=contact,
                offer=offer,
                price_minor=0 if is_gift else offer.price_minor * 4 // 5,
                currency=offer.currency,
                reason="Won our quiz" if is_gift else "Agreed on the phone: 20 % off",
                send_mail=False,
                choice="anyway",
                idempotency_key=f"demo-{plan.number}",
            )
            return make_order(terms=terms, actor=self._actor)

    # --- Endings ---

    def nothing(self, order: Order, at: datetime) -> None:
        """It stays as it is, but for a seat and a coupon that are not held for ever."""
        order.refresh_from_db(fields=["held_until", "state"])
        if order.held_until and order.held_until < self._now and order.state == Order.State.PENDING:
            with clock.at(order.held_until):
                release_hold(order=order)

    def pay_by_card(self, order: Order, at: datetime) -> Payment:
        """Begun at once, paid three minutes later."""
        return self._tell(self._start(order, at + MINUTE), order, at + 3 * MINUTE, Status.PAID)

    def pay_by_transfer(self, order: Order, at: datetime) -> None:
        """The money is seen on the account a day later."""
        self._start(order, at + 2 * MINUTE, self._transfer)
        with clock.at(min(at + DAY, self._now)):
            comment = "Found on the bank statement"
            mark_paid(
                order=order,
                amount_minor=order.total_minor,
                comment=comment,
                actor=self._actor,
                provider=self._transfer.provider,
            )

    def fail(self, order: Order, at: datetime) -> None:
        """The card is declined."""
        self._tell(self._start(order, at + MINUTE), order, at + 2 * MINUTE, Status.FAILED)
        self.nothing(order, at)

    def fail_then_pay(self, order: Order, at: datetime) -> None:
        """Declined, and paid with another card."""
        self._tell(self._start(order, at + MINUTE), order, at + 2 * MINUTE, Status.FAILED)
        self.pay_by_card(order, at + 4 * MINUTE)

    def wait_for_transfer(self, order: Order, at: datetime) -> None:
        """The buyer has the details of the account and time until the order expires."""
        self._start(order, at + MINUTE, self._transfer)

    def cancel(self, order: Order, at: datetime) -> None:
        """The buyer writes that it was a mistake."""
        with clock.at(at + 5 * HOUR):
            cancel_order(order=order, reason="The buyer asked for it", actor=self._actor)
            add_comment(order=order, text="Wrote to us: ordered the wrong course.", actor=self._actor)

    def expire(self, order: Order, at: datetime) -> None:
        """Nobody pays."""
        self.nothing(order, at)
        with clock.at((order.expires_at or at) + MINUTE):
            expire_order(order=order)

    def refund_all(self, order: Order, at: datetime) -> None:
        """The buyer changes their mind, and the course closes."""
        self._refund(order, at, share=1, closes_access=True)

    def refund_part(self, order: Order, at: datetime) -> None:
        """A fifth is given back as a courtesy."""
        self._refund(order, at, share=5, closes_access=False)

    def pay_and_move(self, order: Order, at: datetime) -> None:
        """The email was mistyped; support gives the order to the right person."""
        self.pay_by_card(order, at)
        with clock.at(at + DAY):
            right = order.buyer_email.replace("exampel", "example")
            move_order(order=order, email=right, name=order.buyer_name, actor=self._actor)

    def pay_too_late(self, order: Order, at: datetime) -> None:
        """The money comes after the order expired, and waits for a person."""
        payment = self._start(order, at + MINUTE)
        self.expire(order, at)
        self._tell(payment, order, (order.expires_at or at) + HOUR, Status.PAID)

    def pay_too_little(self, order: Order, at: datetime) -> None:
        """The sum is not the one that was asked for."""
        payment = self._start(order, at + MINUTE)
        self._tell(payment, order, at + 3 * MINUTE, Status.PAID, amount_minor=order.total_minor - 10_000)
        self.nothing(order, at)

    def _refund(self, order: Order, at: datetime, *, share: int, closes_access: bool) -> None:
        payment = self.pay_by_card(order, at)
        amount = order.total_minor // share
        with clock.at(at + 3 * DAY):
            refund = request_refund(
                payment=payment,
                amount_minor=amount,
                reason="Changed their mind" if closes_access else "Two calls did not take place",
                closes_access=closes_access,
                actor=self._actor,
            )
        done = RefundState(
            provider_ref=f"demo-refund-{order.pk}", reference=str(refund.pk), amount_minor=amount, status="succeeded"
        )
        self._tell(payment, order, at + 3 * DAY + MINUTE, Status.PAID, refunds=(done,))

    def _start(self, order: Order, at: datetime, connection: PaymentConnection | None = None) -> Payment:
        with clock.at(at):
            return start_payment(order=order, connection=connection or self._card)

    def _tell(
        self,
        payment: Payment,
        order: Order,
        at: datetime,
        status: Status,
        *,
        amount_minor: int | None = None,
        refunds: tuple[RefundState, ...] = (),
    ) -> Payment:
        """What the provider says at that instant."""
        state = PaymentState(
            provider_ref=f"demo_{payment.token}",
            status=status,
            amount_minor=order.total_minor if amount_minor is None else amount_minor,
            currency=order.currency,
            failure="insufficient_funds" if status == Status.FAILED else "",
            refunds=refunds,
            reference=payment.token,
        )
        with clock.at(at):
            return apply_state(payment=payment, state=state)


_BY_HAND = (Outcome.MANUAL, Outcome.MANUAL_PAID)
_ANSWERS = {"uk": "Перекладаю тексти", "pl": "Prowadzę mały sklep", "en": "I manage a support team"}
_ENDINGS: dict[Outcome, Callable[[Shop, Order, datetime], object]] = {
    Outcome.CARD: Shop.pay_by_card,
    Outcome.TRANSFER: Shop.pay_by_transfer,
    Outcome.SECOND_TRY: Shop.fail_then_pay,
    Outcome.MENTOR: Shop.pay_by_card,
    Outcome.FREE: Shop.nothing,
    Outcome.FAILED: Shop.fail,
    Outcome.WAITING: Shop.wait_for_transfer,
    Outcome.LEFT: Shop.nothing,
    Outcome.CANCELED: Shop.cancel,
    Outcome.EXPIRED: Shop.expire,
    Outcome.REFUNDED: Shop.refund_all,
    Outcome.PART_REFUNDED: Shop.refund_part,
    Outcome.MANUAL: Shop.nothing,
    Outcome.MANUAL_PAID: Shop.pay_by_transfer,
    Outcome.MOVED: Shop.pay_and_move,
    Outcome.LATE: Shop.pay_too_late,
    Outcome.SHORT: Shop.pay_too_little,
}
