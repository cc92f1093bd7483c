"""Both providers with a page, each against the stand-in of its interface, worked by the same hands."""

import json
import time
from abc import ABC, abstractmethod
from secrets import token_hex
from typing import Any

import stripe

from kwiga.local.processes import wait_until
from orders.payments.registry import provider_of
from orders.payments.test_bank.signing import HEADER, notice_secret, signature_of
from tests.support.bank import RunningBank
from tests.support.stripe_server import StripeServer

SIGNING_SECRET = "whsec_of_the_green_school"


class StandIn(ABC):
    """A provider's other side: what buyers do there, what it tells, how it fails."""

    key: str
    secrets: dict[str, str]
    slow_seconds = 7.0

    @property
    def provider(self) -> Any:
        return provider_of(self.key)

    @abstractmethod
    def pay(self, ref: str) -> None: ...

    @abstractmethod
    def pay_wrong_sum(self, ref: str) -> None: ...

    @abstractmethod
    def pay_wrong_currency(self, ref: str) -> None: ...

    @abstractmethod
    def fail(self, ref: str) -> None: ...

    @abstractmethod
    def pay_slowly(self, ref: str) -> None: ...

    @abstractmethod
    def break_down(self, *, failures: int = 0, slow_seconds: float = 0.0) -> None: ...

    @abstractmethod
    def notice(self, ref: str, reference: str, kind: str = "paid", event: str = "event-1") -> bytes: ...

    @abstractmethod
    def headers(self, body: bytes, *, at: float | None = None, secrets: dict[str, str] | None = None) -> dict[str, str]:
        """The signature, as the header is called in requests."""


class BankStandIn(StandIn):
    key = "test_bank"

    def __init__(self, bank: RunningBank) -> None:
        self.bank = bank
        self.secrets = {"api_key": f"tb_{token_hex(16)}"}

    def pay(self, ref: str) -> None:
        assert self.bank.press(ref, "pay", notices="none").status == 303

    def pay_wrong_sum(self, ref: str) -> None:
        assert self.bank.press(ref, "pay", notices="none", sum="less").status == 303

    def pay_wrong_currency(self, ref: str) -> None:
        assert self.bank.press(ref, "pay", notices="none", sum="other").status == 303

    def fail(self, ref: str) -> None:
        assert self.bank.press(ref, "decline", notices="none").status == 303

    def pay_slowly(self, ref: str) -> None:
        assert self.bank.press(ref, "later", seconds="2").status == 303

    def finish(self, ref: str) -> None:
        """Wait until the money of a slow payment is there."""
        key = self.secrets["api_key"]
        assert wait_until(lambda: self.bank.call(key, "GET", f"sessions/{ref}")[1]["status"] == "paid", 5)

    def break_down(self, *, failures: int = 0, slow_seconds: float = 0.0) -> None:
        knobs = {"failures": failures, "slow_seconds": slow_seconds}
        assert self.bank.call(self.secrets["api_key"], "POST", "knobs", knobs)[0] == 200

    def notice(self, ref: str, reference: str, kind: str = "paid", event: str = "event-1") -> bytes:
        return json.dumps({"id": event, "kind": f"payment.{kind}", "session": ref, "reference": reference}).encode()

    def headers(self, body: bytes, *, at: float | None = None, secrets: dict[str, str] | None = None) -> dict[str, str]:
        secret = notice_secret((secrets or self.secrets)["api_key"])
        return {HEADER: signature_of(secret, body, int(time.time() if at is None else at))}


class StripeStandIn(StandIn):
    key = "stripe"

    def __init__(self, server: StripeServer) -> None:
        self.server = server
        self.secrets = {"api_key": "sk_test_good", "webhook_secret": SIGNING_SECRET}

    def pay(self, ref: str) -> None:
        self.server.pay(ref)

    def pay_wrong_sum(self, ref: str) -> None:
        self.server.pay(ref, amount=self.server.sessions[ref]["amount_total"] - 100)

    def pay_wrong_currency(self, ref: str) -> None:
        self.server.pay(ref, currency="usd")

    def fail(self, ref: str) -> None:
        self.server.pay(ref, later=True)
        self.server.settle(ref, failed=True)

    def pay_slowly(self, ref: str) -> None:
        self.server.pay(ref, later=True)

    def break_down(self, *, failures: int = 0, slow_seconds: float = 0.0) -> None:
        self.server.failures, self.server.slow_seconds = failures, slow_seconds

    def notice(self, ref: str, reference: str, kind: str = "paid", event: str = "event-1") -> bytes:
        kinds = {"paid": "checkout.session.completed", "failed": "checkout.session.async_payment_failed"}
        about: dict[str, Any] = {"id": ref, "object": "checkout.session", "client_reference_id": reference}
        if kind in {"refunded", "disputed"}:
            about = {"id": "ch_1", "object": "charge", "metadata": {"reference": reference}}
        names = kinds | {"refunded": "charge.refunded", "disputed": "charge.dispute.created"}
        event_type = names.get(kind, "checkout.session.expired")
        told = {"id": event, "object": "event", "type": event_type, "livemode": False, "data": {"object": about}}
        return json.dumps(told).encode()

    def headers(self, body: bytes, *, at: float | None = None, secrets: dict[str, str] | None = None) -> dict[str, str]:
        secret = (secrets or self.secrets)["webhook_secret"]
        header = stripe.WebhookSignature.generate_signature_header(
            body.decode(), secret, None if at is None else int(at)
        )
        return {"Stripe-Signature": header}
