"""Money given back: asked for by a person, by a second payment, or seen at the provider."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courses.services.access import revoke_access
from kwiga import clock
from kwiga.errors import DomainError
from orders.models import Order, OrderAccess, Payment, Refund
from orders.payments.protocol import Capabilities, NotPossible, RefundState
from orders.payments.registry import provider_of
from orders.selectors.money import captured_minor, counted_payments, refundable_minor
from orders.services.coupon_uses import REFUNDED, release_uses
from orders.services.due import refund_later
from orders.services.locks import locked_order, locked_payment
from orders.states import order_may, refunded_state
from schools.journal import record_event
from schools.models import User
from schools.tenancy.scope import current_school_id


class RefundRefused(DomainError):
    """So much cannot be given back from this payment."""


@transaction.atomic
def request_refund(
    *,
    payment: Payment,
    amount_minor: int,
    reason: str,
    closes_access: bool = False,
    returns_coupon: bool = False,
    actor: User | None,
) -> Refund:
    """Give back a part or all of a payment, in minor units of its currency.

    A provider that can is asked after the commit; money that came another way is written down as given back at once.
    Access closes when the money is back, and only this order's. Raises RefundRefused above what is left (refunds
    under way count), NotPossible when the provider cannot give back.
    """
    order = locked_order(payment.order_id)
    locked = locked_payment(payment.pk)
    locked.order = order
    if not 1 <= amount_minor <= refundable_minor(locked):
        raise RefundRefused(_("No more can be given back than what is left of this payment."))
    capabilities = _capabilities_of(locked)
    _check_possible(locked, amount_minor, capabilities)
    refund = Refund.objects.create(
        school_id=current_school_id(),
        payment=locked,
        amount_minor=amount_minor,
        reason=reason[:300],
        closes_access=closes_access,
        returns_coupon=returns_coupon,
        made_by=actor,
    )
    record_event("refund.requested", subject=order, actor=actor, data=_facts(refund))
    if capabilities:
        refund_later(refund)
    else:
        succeed(order, locked, refund, actor=actor)
    return refund


def give_back_second(payment: Payment) -> None:
    """Queue the refund of money that came for an order paid before (P6); under review until it is back."""
    try:
        request_refund(payment=payment, amount_minor=payment.amount_minor, reason=str(_("Paid twice")), actor=None)
    except NotPossible:
        return  # a person gives it back: it stands for review


def apply_refunds(order: Order, payment: Payment, states: Iterable[RefundState]) -> None:
    """Write down what the provider says of refunds, those made elsewhere as well.

    A refund that is told before its payment is kept, and counts when the payment is captured.
    """
    for state in states:
        refund = _refund_of(payment, state)
        if refund.state != Refund.State.REQUESTED:
            continue
        if state.status == "succeeded":
            succeed(order, payment, refund)
        elif state.status == "failed":
            fail(order, refund, state.failure)
    _recount(order, payment)


def succeed(order: Order, payment: Payment, refund: Refund, *, actor: User | None = None) -> None:
    """The money is back: count it, close access and give the coupon back if that was the wish, and say so."""
    refund.state, refund.processed_at, refund.failure = Refund.State.SUCCEEDED, clock.now(), ""
    refund.save(update_fields=["state", "processed_at", "failure"])
    if refund.closes_access:
        _close_accesses(order, refund, actor)
    if refund.returns_coupon:
        release_uses(order, REFUNDED)
    _recount(order, payment)
    record_event("refund.succeeded", subject=order, actor=actor, data=_facts(refund))


def fail(order: Order, refund: Refund, failure: str) -> None:
    """The provider did not give it back; the money can be given back again."""
    refund.state, refund.processed_at, refund.failure = Refund.State.FAILED, clock.now(), failure[:200]
    refund.save(update_fields=["state", "processed_at", "failure"])
    record_event("refund.failed", subject=order, data=_facts(refund) | {"failure": refund.failure})


def _refund_of(payment: Payment, state: RefundState) -> Refund:
    """The row the provider speaks of: by its name for it, by ours, else one that was asked for and not named yet."""
    refunds = Refund.objects.filter(payment=payment)
    unnamed = refunds.filter(provider_ref="")
    known = refunds.filter(provider_ref=state.provider_ref).first() if state.provider_ref else None
    if known is None and state.reference.isdecimal():
        known = unnamed.filter(pk=int(state.reference)).first()
    if known is None and not state.reference:
        known = unnamed.filter(amount_minor=state.amount_minor, state=Refund.State.REQUESTED).order_by("id").first()
    if known is None:
        return Refund.objects.create(
            school_id=current_school_id(),
            payment=payment,
            amount_minor=state.amount_minor,
            provider_ref=state.provider_ref,
        )
    if not known.provider_ref and state.provider_ref:
        known.provider_ref = state.provider_ref
        known.save(update_fields=["provider_ref"])
    return known


def _recount(order: Order, payment: Payment) -> None:
    """Payment and order say how much of what arrived was given back."""
    if payment.state not in Payment.CAPTURED:
        return
    succeeded = payment.refunds.filter(state=Refund.State.SUCCEEDED)
    back = min(sum(succeeded.values_list("amount_minor", flat=True)), payment.amount_minor)
    state = refunded_state(payment.amount_minor, back)
    if (back, state) != (payment.refunded_minor, payment.state):
        payment.refunded_minor, payment.state = back, state
        if state == Payment.State.REFUNDED:
            payment.needs_review_at = None
        payment.save(update_fields=["refunded_minor", "state", "needs_review_at"])
    _recount_order(order)


def _recount_order(order: Order) -> None:
    payments = counted_payments(order)
    target = refunded_state(captured_minor(payments), sum(payment.refunded_minor for payment in payments))
    if payments and order_may(order.state, target) and order.is_settled:
        order.state = target
        order.save(update_fields=["state"])


def _close_accesses(order: Order, refund: Refund, actor: User | None) -> None:
    for row in OrderAccess.objects.filter(order=order, access__revoked_at=None).select_related("access"):
        revoke_access(access=row.access, actor=actor or refund.made_by, reason=refund.reason)


def _capabilities_of(payment: Payment) -> Capabilities | None:
    """What the provider that has the money can do; None for money that came past every provider."""
    if payment.connection_id is None:
        return None
    capabilities = provider_of(payment.provider).capabilities
    return capabilities if capabilities.online else None


def _check_possible(payment: Payment, amount_minor: int, capabilities: Capabilities | None) -> None:
    if capabilities is None:
        return
    if not capabilities.refunds:
        raise NotPossible(_("This provider gives nothing back by itself. Give the money back there."))
    if amount_minor < payment.amount_minor and not capabilities.part_refunds:
        raise NotPossible(_("This provider gives back whole payments only."))


def _facts(refund: Refund) -> dict[str, object]:
    return {
        "payment": refund.payment_id,
        "refund": refund.pk,
        "amount_minor": refund.amount_minor,
        "currency": refund.payment.currency,
    }
