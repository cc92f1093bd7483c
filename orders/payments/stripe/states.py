"""What Stripe's objects mean in our words."""

from collections.abc import Iterable
from typing import Any

from orders.payments.protocol import Notice, PaymentState, RefundState, Status
from orders.payments.stripe.amounts import from_stripe

_REFUNDS = {"succeeded": "succeeded", "failed": "failed", "canceled": "failed"}


def state_of(session: Any, refunds: Iterable[Any]) -> PaymentState:
    """A Checkout Session (its payment expanded, if it has one) and the refunds of that payment."""
    currency = str(session.currency).upper()
    return PaymentState(
        provider_ref=session.id,
        status=_status(session),
        amount_minor=from_stripe(_amount(session), currency),
        currency=currency,
        refunds=tuple(refund_of(each) for each in refunds),
        failure=_failure(session),
        is_test=not session.livemode,
        reference=session.client_reference_id or "",
    )


def refund_of(refund: Any) -> RefundState:
    """A Refund; the ones made in Stripe's dashboard carry no reference of ours."""
    metadata = refund.metadata.to_dict() if refund.metadata else {}
    return RefundState(
        provider_ref=refund.id,
        reference=metadata.get("reference", ""),
        amount_minor=from_stripe(refund.amount, str(refund.currency).upper()),
        status=_REFUNDS.get(refund.status or "", "requested"),
        failure=getattr(refund, "failure_reason", None) or "",
    )


def notice_of(event: dict[str, Any]) -> Notice:
    """A verified Event. Raises KeyError, AttributeError for one of another shape.

    The account may sell elsewhere as well: what carries no reference of ours is none of our business.
    """
    about = event["data"]["object"]
    reference = str((about.get("metadata") or {}).get("reference") or about.get("client_reference_id") or "")
    names_session = bool(reference) and event["type"].startswith("checkout.session.")
    return Notice(
        event_id=str(event["id"]),
        kind=str(event["type"])[:80],
        provider_ref=str(about["id"]) if names_session else "",
        reference=reference,
    )


def id_of(reference: Any) -> str:
    """The id of what a field refers to, expanded or not; empty when there is nothing."""
    return reference if isinstance(reference, str) else getattr(reference, "id", "") or ""


def _status(session: Any) -> Status:
    if session.status == "expired":
        return Status.CANCELED
    if session.status != "complete":
        return Status.OPEN
    if session.payment_status in {"paid", "no_payment_required"}:
        return Status.PAID
    intent = getattr(session.payment_intent, "status", "")
    return Status.FAILED if intent in {"requires_payment_method", "canceled"} else Status.PENDING


def _amount(session: Any) -> int:
    """What arrived, once something did; what is asked for until then."""
    received = getattr(session.payment_intent, "amount_received", 0)
    return int(received or session.amount_total or 0)


def _failure(session: Any) -> str:
    error = getattr(session.payment_intent, "last_payment_error", None)
    return str(getattr(error, "code", None) or "") if error else ""
