"""The comparison with a provider: what a lost notice would have told is found within the hour (trust F6)."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from orders.models import Payment, PaymentConnection
from orders.payments.protocol import Account, PaymentState, Provider, ProviderDown, ProviderError, Status
from orders.payments.registry import provider_of
from orders.services.connections import account_of
from orders.services.reconciling import INTERVAL, plan
from orders.services.sessions import apply_known
from schools.models import OutboxRow
from schools.outbox.effects import ExternalEffect

logger = structlog.get_logger("orders.payments")

# A payment that is younger is not late yet.
_AGE = timedelta(minutes=10)
# What moved shortly before the last comparison may have been listed only after it.
_OVERLAP = timedelta(minutes=10)
# When the provider did not answer, or time ran out.
_SOON = timedelta(minutes=5)
_PAYMENTS_AT_ONCE = 200
# What a list says of the others may be less than the provider knows.
_FINAL = {Status.PAID, Status.FAILED, Status.CANCELED}
# Well below the lease of an outbox row.
_SECONDS = 12.0


@dataclass(frozen=True, kw_only=True)
class Look:
    """What to compare: payments that should have been heard of by now, and since when to ask for changes."""

    connection_id: int
    provider: Provider
    account: Account
    late: list[str]
    since: datetime
    at: datetime


@dataclass(kw_only=True)
class Findings:
    """What the provider said; not whole when it stopped answering, or time ran out."""

    states: list[PaymentState] = field(default_factory=list)
    is_whole: bool = True


class ReconcileEffect(ExternalEffect[Look, Findings]):
    """One comparison, which puts the next one into the outbox whatever came of it."""

    label = _("Comparison with a payment provider")

    def prepare(self, row: OutboxRow) -> Look | None:
        """None, and so the end of it, for an archived connection with nothing left open."""
        connection = PaymentConnection.objects.get(pk=row.payload["connection"])
        open_ones = Payment.objects.filter(connection=connection, state__in=Payment.OPEN)
        if connection.archived_at and not open_ones.exists():
            return None
        at = clock.now()
        late = open_ones.exclude(provider_ref="").filter(created_at__lte=at - _AGE).order_by("created_at", "pk")
        return Look(
            connection_id=connection.pk,
            provider=provider_of(connection.provider),
            account=account_of(connection),
            late=list(late.values_list("provider_ref", flat=True)[:_PAYMENTS_AT_ONCE]),
            since=datetime.fromisoformat(row.payload["since"]),
            at=at,
        )

    def perform(self, prepared: Look) -> Findings:
        """Ask for what changed, then for each late payment that this did not tell of."""
        found, deadline = Findings(), time.monotonic() + _SECONDS
        try:
            found.states += prepared.provider.changed_since(prepared.account, prepared.since)
            told = {state.provider_ref for state in found.states if state.status in _FINAL}
            for provider_ref in [each for each in prepared.late if each not in told]:
                if time.monotonic() > deadline:
                    found.is_whole = False
                    break
                found.states += _read(prepared, provider_ref)
        except ProviderError as error:
            logger.warning("comparison broken off", reason=type(error).__name__, school=prepared.account.school_id)
            found.is_whole = False
        return found

    def record(self, row: OutboxRow, outcome: Findings) -> None:
        """Apply what was found; one payment that cannot be applied stops neither the others nor the next comparison."""
        connection_id, now = row.payload["connection"], clock.now()
        for state in outcome.states:
            self._apply(connection_id, state)
        since = datetime.fromisoformat(row.payload["since"])
        if outcome.is_whole:
            since = max(since, now - _OVERLAP)
        plan(connection_id, due=now + (INTERVAL if outcome.is_whole else _SOON), since=since)

    def _apply(self, connection_id: int, state: PaymentState) -> None:
        try:
            with transaction.atomic():
                payment = _payment_of(connection_id, state)
                if payment:
                    apply_known(payment=payment, state=state)
        except Exception as error:
            logger.error("comparison failed for a payment", reason=type(error).__name__, exc_info=error)


def _read(look: Look, provider_ref: str) -> list[PaymentState]:
    """One payment; one that the provider does not know holds up none of the others."""
    try:
        return [look.provider.read_state(look.account, provider_ref)]
    except ProviderDown:
        raise
    except ProviderError as error:
        logger.warning("payment not compared", reason=type(error).__name__, school=look.account.school_id)
        return []


def _payment_of(connection_id: int, state: PaymentState) -> Payment | None:
    """Ours by the provider's name, or by our own when a crash lost the provider's."""
    payments = Payment.objects.filter(connection_id=connection_id)
    known = payments.filter(provider_ref=state.provider_ref).first()
    return known or (payments.filter(token=state.reference).first() if state.reference else None)
