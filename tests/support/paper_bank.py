"""A provider in this process: a ledger in memory, for tests of what the core does with a provider's answers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from orders.models import Order, Payment
from orders.payments import registry
from orders.payments.protocol import (
    Account,
    Capabilities,
    Notice,
    PaymentState,
    Provider,
    ProviderDown,
    ProviderError,
    RefundState,
    Session,
    SessionRequest,
    Status,
)
from orders.services.applying import apply_state
from schools.models import Event, School
from schools.tenancy.scope import refuse_in_scope, school_scope


def state_of(payment: Payment, status: Status = Status.PAID, **said: Any) -> PaymentState:
    """What an honest provider says of our payment; `said` replaces what it says."""
    usual = {
        "provider_ref": payment.provider_ref,
        "status": status,
        "amount_minor": payment.amount_minor,
        "currency": payment.currency,
        "reference": payment.token,
    }
    return PaymentState(**(usual | said))  # type: ignore[arg-type]


def given_back(amount_minor: int, name: str = "re_1", **said: Any) -> RefundState:
    """A refund that somebody made at the provider."""
    usual = {"provider_ref": name, "reference": "", "amount_minor": amount_minor, "status": "succeeded"}
    return RefundState(**(usual | said))  # type: ignore[arg-type]


def tell(payment: Payment, *states: PaymentState) -> tuple[Order, Payment]:
    """Each state in a transaction of its own; then order and payment as they are."""
    for state in states:
        with school_scope(payment.school_id):
            apply_state(payment=payment, state=state)
    with school_scope(payment.school_id):
        return Order.objects.get(pk=payment.order_id), Payment.objects.get(pk=payment.pk)


def kinds(school: School) -> list[str]:
    with school_scope(school):
        own = Event.objects.filter(kind__regex=r"^(order|payment|refund)\.").exclude(kind="order.placed")
        return list(own.order_by("id").values_list("kind", flat=True))


@dataclass
class PaperBank(Provider):
    """`sessions` is the ledger by provider_ref. `trouble` is raised by every call while it is set."""

    key = "paper"
    label = "Paper bank"
    capabilities = Capabilities(refunds=True, part_refunds=True)
    sessions: dict[str, PaymentState] = field(default_factory=dict)
    refunds: dict[str, RefundState] = field(default_factory=dict)
    refund_status: str = "succeeded"
    trouble: ProviderError | None = None
    calls: list[str] = field(default_factory=list)

    def origins(self, account: Account) -> tuple[str, ...]:
        return ()

    def open_session(self, account: Account, request: SessionRequest) -> Session:
        raise AssertionError("tests open sessions by hand")

    def open(self, payment: Payment) -> None:
        """The buyer stands before the page."""
        self.sessions[payment.provider_ref] = state_of(payment, Status.OPEN)

    def pay(self, ref: str, status: Status = Status.PAID) -> None:
        """The buyer pressed a button there."""
        self.sessions[ref] = replace(self.sessions[ref], status=status)

    def read_state(self, account: Account, provider_ref: str) -> PaymentState:
        self._called("read")
        return self.sessions[provider_ref]

    def close_session(self, account: Account, provider_ref: str) -> PaymentState:
        self._called(f"close {provider_ref}")
        if self.sessions[provider_ref].status == Status.OPEN:
            self.pay(provider_ref, Status.CANCELED)
        return self.sessions[provider_ref]

    def refund(
        self, account: Account, provider_ref: str, *, reference: str, amount_minor: int, currency: str
    ) -> RefundState:
        self._called(f"refund {provider_ref} {amount_minor} {currency}")
        made = given_back(amount_minor, f"re_{reference}", reference=reference, status=self.refund_status)
        return self.refunds.setdefault(reference, made)

    def read_notice(self, account: Account, headers: Mapping[str, str], body: bytes) -> Notice:
        raise AssertionError

    def check(self, account: Account) -> str:
        return ""

    def _called(self, what: str) -> None:
        refuse_in_scope("A call to the provider")
        self.calls.append(what)
        if self.trouble:
            raise self.trouble


DOWN = ProviderDown("timeout")
REFUSED = ProviderError("refused")


@contextmanager
def open_for_business(bank: PaperBank) -> Iterator[PaperBank]:
    """The bank is known inside the block."""
    registry.register(bank)
    try:
        yield bank
    finally:
        del registry._providers[bank.key]
