"""What every payment provider can be asked, whoever it is. Nothing here touches the database."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.utils.functional import Promise

from kwiga.errors import DomainError


class ProviderError(Exception):
    """The provider refused, or answered nonsense; its sentence quotes no personal data."""


class ProviderDown(ProviderError):
    """The provider cannot be reached or fails for everybody: worth asking again later."""


class Forged(ProviderError):
    """A notice that does not carry the connection's signature (P1)."""


class NotPossible(DomainError):
    """The provider cannot do this: no refunds, another currency, too small a sum."""


class Status(StrEnum):
    """Where a payment stands at the provider."""

    OPEN = "open"  # the buyer has not finished
    PENDING = "pending"  # the buyer is done, the money is not there yet
    PAID = "paid"
    FAILED = "failed"  # this attempt is over; the buyer may try another
    CANCELED = "canceled"  # closed or run out, nothing will come


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a provider can do; pages and services ask these flags, never the provider's name."""

    refunds: bool = False
    part_refunds: bool = False
    recurring: bool = False
    guest: bool = True  # pays without signing in (K10)
    online: bool = True  # False: no page of the provider, staff confirm the money
    currencies: frozenset[str] | None = None  # None: all of ours
    minimum_minor: Mapping[str, int] = field(default_factory=dict)  # smallest sum by currency


@dataclass(frozen=True, kw_only=True)
class Account:
    """A school's connection, read out of the database: who we are at the provider."""

    school_id: int
    token: str  # of the connection; part of its webhook address
    is_test: bool
    options: Mapping[str, str]
    secrets: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class SessionRequest:
    """One payment to be taken. Amount in minor units of `currency`; addresses absolute and ours."""

    reference: str  # Payment.token: also the idempotency key at the provider
    order_number: str
    title: str
    amount_minor: int
    currency: str
    language: str
    buyer_email: str
    return_url: str
    notice_url: str
    ends_at: datetime | None
    begun_at: datetime | None = None  # when our payment was made; the same at every repeat


@dataclass(frozen=True, kw_only=True)
class Session:
    """Where the buyer goes: a link (`fields` empty) or a form to be posted to `url`."""

    provider_ref: str
    url: str
    fields: Mapping[str, str] = field(default_factory=dict)
    ends_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class RefundState:
    """One refund as the provider knows it. `reference` is ours (the Refund's id as text) when the provider keeps it."""

    provider_ref: str
    reference: str
    amount_minor: int
    status: str  # requested, succeeded, failed
    failure: str = ""


@dataclass(frozen=True, kw_only=True)
class PaymentState:
    """The truth about a payment, re-read from the provider; what a notice claims is never applied (P3)."""

    provider_ref: str
    status: Status
    amount_minor: int
    currency: str
    refunds: tuple[RefundState, ...] = ()
    failure: str = ""
    is_test: bool = False
    reference: str = ""  # our Payment.token, when the provider keeps it


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A verified notice: which event, about which payment."""

    event_id: str
    kind: str
    provider_ref: str
    reference: str = ""  # our Payment.token, when the notice carries it

    @property
    def is_about_us(self) -> bool:
        """Whether it names a payment; an account may tell of much else."""
        return bool(self.provider_ref or self.reference)


@dataclass(frozen=True, kw_only=True)
class SettingsField:
    """One value of the connection's form."""

    name: str
    label: str | Promise
    is_secret: bool = False
    is_required: bool = True
    is_long: bool = False
    help_text: str | Promise = ""
    choices: tuple[tuple[str, str | Promise], ...] = ()  # the first one is the default


class Provider(ABC):
    """One payment provider. Methods that talk over the network are called with no scope open."""

    key: str
    label: str | Promise
    capabilities: Capabilities
    settings_fields: tuple[SettingsField, ...] = ()
    help_text: str | Promise = ""  # what staff read before they connect it
    notice_types: frozenset[str] = frozenset({"application/json"})  # content types of its webhooks

    def is_available(self) -> bool:
        """Whether schools can connect it in this installation."""
        return True

    def is_test(self, options: Mapping[str, str], secrets: Mapping[str, str]) -> bool:
        """Whether these keys move test money."""
        return False

    def new_secrets(self) -> Mapping[str, str]:
        """Secrets that need not be typed in, made when a connection is added without them."""
        return {}

    def problem_with(self, options: Mapping[str, str], secrets: Mapping[str, str]) -> str | Promise:
        """Why these values cannot be right, as a sentence; empty when nothing speaks against them. Talks to nobody."""
        return ""

    def changed_since(self, account: Account, since: datetime) -> tuple[PaymentState, ...]:
        """What moved at the provider since then, for the reconciliation; nothing where it keeps no such list."""
        return ()

    @abstractmethod
    def origins(self, account: Account) -> tuple[str, ...]:
        """Origins of the provider's pages, for the form-action of our payment page."""

    @abstractmethod
    def open_session(self, account: Account, request: SessionRequest) -> Session:
        """A page on which the buyer pays. The same `reference` again gives the same session."""

    @abstractmethod
    def read_state(self, account: Account, provider_ref: str) -> PaymentState:
        """How the payment stands now. Raises ProviderDown, ProviderError."""

    @abstractmethod
    def close_session(self, account: Account, provider_ref: str) -> PaymentState:
        """End the session so that nothing can be paid any more; the state says what was true (it may be paid)."""

    @abstractmethod
    def refund(
        self, account: Account, provider_ref: str, *, reference: str, amount_minor: int, currency: str
    ) -> RefundState:
        """Give money back; the same `reference` again gives the same refund. Raises ProviderDown, ProviderError."""

    @abstractmethod
    def read_notice(self, account: Account, headers: Mapping[str, str], body: bytes) -> Notice:
        """Verify a webhook over its raw bytes, then say what it is about. Raises Forged."""

    @abstractmethod
    def check(self, account: Account) -> str:
        """Try the keys; the sentence says what was found. Raises ProviderError."""
