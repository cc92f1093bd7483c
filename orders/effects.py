"""What the outbox does for orders: ends of holds and orders, sessions to close, money to give back.

A hold and an unpaid order end only after the provider has said that their session is closed (P9). A provider that
cannot be reached is asked again by a row of its own later, so one school's trouble holds up no other's rows.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from kwiga import clock
from orders.models import Order, Payment, Refund
from orders.payments.protocol import Account, PaymentState, Provider, ProviderDown, ProviderError, RefundState
from orders.payments.registry import provider_of
from orders.services import due
from orders.services.applying import apply_state
from orders.services.closing import expire_order, release_hold
from orders.services.connections import account_of
from orders.services.locks import locked_order, locked_payment
from orders.services.refunds import apply_refunds, fail
from schools.models import OutboxRow
from schools.outbox.effects import EffectError, ExternalEffect, register

AGAIN = timedelta(minutes=5)


def register_own() -> None:
    """Register the effects of this app's core."""
    register(due.EXPIRE, ExpiryEffect())
    register(due.RELEASE, ReleaseEffect())
    register(due.CLOSE, CloseEffect())
    register(due.REFUND, RefundEffect())


@dataclass(frozen=True, kw_only=True)
class Call:
    """Whom to ask about which payment."""

    payment_id: int
    provider: Provider
    account: Account
    provider_ref: str


def _call_about(payment: Payment) -> Call:
    if payment.connection is None:
        raise EffectError("NoConnection")
    return Call(
        payment_id=payment.pk,
        provider=provider_of(payment.provider),
        account=account_of(payment.connection),
        provider_ref=payment.provider_ref,
    )


class _Closing(ExternalEffect[Call, PaymentState | None]):
    """Close a session at its provider, then do what waited for that."""

    def perform(self, prepared: Call) -> PaymentState | None:
        """What was true when the session ended; None when the provider cannot be reached."""
        try:
            return prepared.provider.close_session(prepared.account, prepared.provider_ref)
        except ProviderDown:
            return None
        except ProviderError as error:
            raise EffectError(type(error).__name__) from error

    def record(self, row: OutboxRow, outcome: PaymentState | None) -> None:
        if outcome is None:
            self.ask_again(row)
            return
        payment = _closed_one(row)
        if payment:
            apply_state(payment=payment, state=outcome)
        self.finish(row)

    def ask_again(self, row: OutboxRow) -> None:
        """The same in five minutes."""
        due.again(row, clock.now() + AGAIN)

    def finish(self, row: OutboxRow) -> None:
        """What the closed session had kept waiting."""


class CloseEffect(_Closing):
    """A session nobody shall pay in any more: another way was chosen, or the order is closed."""

    label = _("Closing a payment page")

    def prepare(self, row: OutboxRow) -> Call | None:
        payment = Payment.objects.select_related("connection").get(pk=row.payload["payment"])
        if payment.state in Payment.CAPTURED:
            return None
        return _note(row, payment)


class _EndOfOrder(_Closing, ABC):
    """Something of an unpaid order ends: first its open session, if it has one."""

    @abstractmethod
    def is_due(self, order: Order) -> bool:
        """Whether it still ends now."""

    @abstractmethod
    def end(self, order: Order) -> None:
        """End it; nothing can be paid any more."""

    def prepare(self, row: OutboxRow) -> Call | None:
        order = locked_order(row.payload["order"])
        if not self.is_due(order):
            return None
        payment = _open_session(order)
        if payment is None:
            self.finish(row)
            return None
        return _note(row, payment)

    def finish(self, row: OutboxRow) -> None:
        order = locked_order(row.payload["order"])
        if not self.is_due(order):
            return
        # Money on its way, or a page opened in between: look again.
        if _open_session(order):
            self.ask_again(row)
        else:
            self.end(order)


class ExpiryEffect(_EndOfOrder):
    label = _("End of an unpaid order")

    def is_due(self, order: Order) -> bool:
        return order.state == Order.State.PENDING and bool(order.expires_at and order.expires_at <= clock.now())

    def end(self, order: Order) -> None:
        expire_order(order=order)


class ReleaseEffect(_EndOfOrder):
    label = _("End of a reserved seat or coupon")

    def is_due(self, order: Order) -> bool:
        return order.state == Order.State.PENDING and bool(order.held_until and order.held_until <= clock.now())

    def end(self, order: Order) -> None:
        release_hold(order=order)


class RefundEffect(ExternalEffect[tuple[Call, Refund], RefundState | str]):
    """Give money back; the provider knows a repeat by our number of the refund."""

    label = _("Refund")

    def prepare(self, row: OutboxRow) -> tuple[Call, Refund] | None:
        refund = Refund.objects.select_related("payment__connection").get(pk=row.payload["refund"])
        return (_call_about(refund.payment), refund) if refund.state == Refund.State.REQUESTED else None

    def perform(self, prepared: tuple[Call, Refund]) -> RefundState | str:
        """What the provider says of it, or a word: `down`, or why it refused."""
        call, refund = prepared
        sum_of_money: dict[str, Any] = {"amount_minor": refund.amount_minor, "currency": refund.payment.currency}
        try:
            return call.provider.refund(call.account, call.provider_ref, reference=str(refund.pk), **sum_of_money)
        except ProviderDown:
            return "down"
        except ProviderError as error:
            return type(error).__name__

    def record(self, row: OutboxRow, outcome: RefundState | str) -> None:
        found = Refund.objects.select_related("payment").get(pk=row.payload["refund"])
        order = locked_order(found.payment.order_id)
        payment = locked_payment(found.payment_id)
        payment.order = order
        refund = Refund.objects.select_for_update(of=("self",)).get(pk=found.pk)
        refund.payment = payment
        if outcome == "down":
            due.again(row, clock.now() + AGAIN)
        elif isinstance(outcome, RefundState):
            apply_refunds(order, payment, [_ours(outcome, refund)])
        elif refund.state == Refund.State.REQUESTED:
            fail(order, refund, outcome)


def _ours(state: RefundState, refund: Refund) -> RefundState:
    """The answer to our own request is about our refund, whether or not the provider keeps its number."""
    return RefundState(
        provider_ref=state.provider_ref,
        reference=str(refund.pk),
        amount_minor=state.amount_minor,
        status=state.status,
        failure=state.failure,
    )


def _open_session(order: Order) -> Payment | None:
    """The open payment whose page at a provider may still take money."""
    payments = Payment.objects.select_related("connection").filter(order=order, state__in=Payment.OPEN)
    payment = payments.exclude(provider_ref="").first()
    return payment if payment and payment.connection else None


def _note(row: OutboxRow, payment: Payment) -> Call | None:
    """Remember in the row whose session it is about to close."""
    if not payment.provider_ref or payment.connection is None:
        return None
    row.payload = row.payload | {"payment": payment.pk}
    row.save(update_fields=["payload"])
    return _call_about(payment)


def _closed_one(row: OutboxRow) -> Payment | None:
    return Payment.objects.filter(pk=row.payload["payment"]).first()
