"""What providers tell: stored once, then checked against the provider itself and applied (P2, P3)."""

from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from orders.models import InboxEvent, Payment, PaymentConnection
from orders.payments.protocol import Account, Notice, PaymentState, Provider, ProviderError
from orders.payments.registry import provider_of
from orders.services.connections import account_of
from orders.services.sessions import apply_known
from schools.models import OutboxRow
from schools.outbox.effects import EffectError, ExternalEffect
from schools.outbox.queue import enqueue, skip
from schools.tenancy.scope import current_school_id, refuse_in_scope, school_scope

logger = structlog.get_logger("orders.payments")

KIND = "inbox"
# The request that brought the notice works on it at once; the row is for when it could not.
_GRACE = timedelta(seconds=10)


@dataclass(frozen=True, kw_only=True)
class Question:
    """One notice and the payment it is about."""

    event_id: int
    payment_id: int
    provider: Provider
    account: Account
    provider_ref: str


@transaction.atomic(savepoint=False)
def store_notice(*, connection: PaymentConnection, account: Account, notice: Notice) -> Question | None:
    """Keep a verified notice, once however often it comes, with an outbox row so that a crash loses nothing.

    What to ask about it; None when it was dealt with, or its payment is not known (yet).
    """
    provider_ref, payment_id = _subject_of(connection, notice)
    event = InboxEvent(
        school_id=current_school_id(),
        connection=connection,
        event_id=notice.event_id[:255],
        kind=notice.kind[:80],
        provider_ref=provider_ref,
    )
    InboxEvent.objects.bulk_create([event], ignore_conflicts=True)
    stored = InboxEvent.objects.get(connection=connection, event_id=event.event_id)
    due = clock.now() + _GRACE
    enqueue(KIND, dedupe_key=_key(stored.pk), payload={"event": stored.pk}, available_at=due)
    if stored.processed_at or payment_id is None:
        return None
    return Question(
        event_id=stored.pk,
        payment_id=payment_id,
        provider=provider_of(connection.provider),
        account=account,
        provider_ref=provider_ref,
    )


def process(question: Question) -> None:
    """Ask about a stored notice now, outside any scope. What fails is left to the outbox row."""
    refuse_in_scope("Working on a notice")
    school_id = question.account.school_id
    try:
        state = ask(question)
        with school_scope(school_id):
            answer(question, state)
            skip(KIND, dedupe_key=_key(question.event_id))
    except ProviderError as error:
        logger.warning("notice left for later", reason=type(error).__name__, school=school_id)


def question_of(event_id: int) -> Question | None:
    """What to ask about a notice; None when it was dealt with. Raises EffectError while its payment is unknown."""
    event = InboxEvent.objects.select_related("connection").get(pk=event_id)
    if event.processed_at:
        return None
    payments = Payment.objects.filter(connection=event.connection, provider_ref=event.provider_ref)
    payment = payments.first() if event.provider_ref else None
    if payment is None:
        raise EffectError("PaymentUnknown")
    return Question(
        event_id=event.pk,
        payment_id=payment.pk,
        provider=provider_of(event.connection.provider),
        account=account_of(event.connection),
        provider_ref=event.provider_ref,
    )


def ask(question: Question) -> PaymentState:
    """The payment as the provider has it now. Raises ProviderError."""
    return question.provider.read_state(question.account, question.provider_ref)


@transaction.atomic(savepoint=False)
def answer(question: Question, state: PaymentState) -> None:
    """Apply what the provider said; the notice is dealt with."""
    apply_known(payment=Payment(pk=question.payment_id), state=state)
    now = clock.now()
    InboxEvent.objects.filter(pk=question.event_id).update(processed_at=now, attempts=F("attempts") + 1)


def _subject_of(connection: PaymentConnection, notice: Notice) -> tuple[str, int | None]:
    """The provider's name for the payment, and ours for the one that has this name.

    A name that our payment does not know yet is written down (a crash lost it).
    """
    payments = Payment.objects.filter(connection=connection)
    named = notice.provider_ref[:255]
    ours = payments.filter(token=notice.reference).first() if notice.reference else None
    if ours is None:
        known = payments.filter(provider_ref=named).first() if named else None
        return named, known.pk if known else None
    if named and not ours.provider_ref:
        payments.filter(pk=ours.pk, provider_ref="").update(provider_ref=named)
        return named, ours.pk
    if named and named != ours.provider_ref:
        known = payments.filter(provider_ref=named).first()
        return named, known.pk if known else None
    return ours.provider_ref, ours.pk if ours.provider_ref else None


def _key(event_id: int) -> str:
    return f"event:{event_id}"


class InboxEffect(ExternalEffect[Question, PaymentState]):
    """The same again for what a request could not finish."""

    label = _("Notice of a payment provider")

    def prepare(self, row: OutboxRow) -> Question | None:
        """None when the request dealt with it."""
        return question_of(row.payload["event"])

    def perform(self, prepared: Question) -> PaymentState:
        """An answer, or another attempt later; one account's trouble holds up no other's rows."""
        try:
            return ask(prepared)
        except ProviderError as error:
            raise EffectError(type(error).__name__) from error

    def record(self, row: OutboxRow, outcome: PaymentState) -> None:
        """Apply it and be done; a notice that was dealt with meanwhile changes nothing."""
        question = question_of(row.payload["event"])
        if question is not None:
            answer(question, outcome)
