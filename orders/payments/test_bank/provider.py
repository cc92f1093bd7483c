"""The Test bank as a provider."""

import json
import re
import secrets as random
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import urllib3
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders.payments.lines import CONNECT_SECONDS, READ_SECONDS, line_to
from orders.payments.protocol import (
    Account,
    Capabilities,
    Forged,
    Notice,
    PaymentState,
    Provider,
    ProviderDown,
    ProviderError,
    RefundState,
    Session,
    SessionRequest,
    SettingsField,
    Status,
)
from orders.payments.test_bank.signing import HEADER, is_genuine, notice_secret

_pool = urllib3.PoolManager(
    maxsize=8, retries=False, timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
)


class TestBank(Provider):
    """Everything a real provider does, with money that does not exist."""

    key = "test_bank"
    label = _("Test bank")
    help_text = _("A pretended bank on this machine, for trying the store out. No real money moves.")
    capabilities = Capabilities(refunds=True, part_refunds=True)
    settings_fields = (
        SettingsField(
            name="api_key",
            label=_("Key"),
            is_secret=True,
            is_required=False,
            help_text=_("Leave it empty: a new account is opened by itself."),
        ),
        SettingsField(
            name="entry",
            label=_("How buyers get to the bank"),
            choices=(("link", _("By a link")), ("form", _("By a form that is posted"))),
        ),
        SettingsField(
            name="return_by",
            label=_("How buyers come back"),
            choices=(("get", _("By a link")), ("post", _("By a form that is posted"))),
        ),
    )

    def is_available(self) -> bool:
        """Only where a Test bank runs; production has none."""
        return bool(settings.TEST_BANK_URL)

    def is_test(self, options: Mapping[str, str], secrets: Mapping[str, str]) -> bool:
        """Always."""
        return True

    def new_secrets(self) -> Mapping[str, str]:
        """A key nobody has: the bank opens an account for it when it is first used."""
        return {"api_key": f"tb_{random.token_hex(16)}"}

    def problem_with(self, options: Mapping[str, str], secrets: Mapping[str, str]) -> str | Promise:
        """A key of another provider is a mistake that can be seen."""
        fits = re.fullmatch(r"tb_[A-Za-z0-9]{24,64}", secrets["api_key"]) if "api_key" in secrets else True
        return "" if fits else _("A key of the Test bank is “tb_” with 24 to 64 letters and digits.")

    def origins(self, account: Account) -> tuple[str, ...]:
        """Where its pages are."""
        return (_address(),)

    def open_session(self, account: Account, request: SessionRequest) -> Session:
        """Nothing about the buyer is sent: the bank does not want to know."""
        answer = _ask(
            account,
            "POST",
            "/api/sessions",
            {
                "reference": request.reference,
                "order_number": request.order_number,
                "title": request.title,
                "amount_minor": request.amount_minor,
                "currency": request.currency,
                "language": request.language,
                "return_url": request.return_url,
                "notice_url": request.notice_url,
                "ends_at": request.ends_at.timestamp() if request.ends_at else None,
                "entry": account.options.get("entry", "link"),
                "return_by": account.options.get("return_by", "get"),
            },
        )
        ends_at = datetime.fromtimestamp(answer["ends_at"], UTC) if answer["ends_at"] else None
        return Session(provider_ref=answer["id"], url=answer["url"], fields=answer["fields"], ends_at=ends_at)

    def read_state(self, account: Account, provider_ref: str) -> PaymentState:
        """As the bank's ledger has it."""
        return _state(_ask(account, "GET", f"/api/sessions/{quote(provider_ref, safe='')}"))

    def close_session(self, account: Account, provider_ref: str) -> PaymentState:
        """An open one is closed; what is on its way or paid stays so."""
        return _state(_ask(account, "POST", f"/api/sessions/{quote(provider_ref, safe='')}/close", {}))

    def refund(
        self, account: Account, provider_ref: str, *, reference: str, amount_minor: int, currency: str
    ) -> RefundState:
        """Done at once."""
        wanted = {"reference": reference, "amount_minor": amount_minor, "currency": currency}
        return _refund(_ask(account, "POST", f"/api/sessions/{quote(provider_ref, safe='')}/refunds", wanted))

    def read_notice(self, account: Account, headers: Mapping[str, str], body: bytes) -> Notice:
        """HMAC over the time and the raw body."""
        if not is_genuine(notice_secret(_key(account)), headers.get(HEADER, ""), body):
            raise Forged("signature")
        try:
            told = json.loads(body)
            return Notice(
                event_id=str(told["id"]),
                kind=str(told["kind"]),
                provider_ref=str(told["session"]),
                reference=str(told["reference"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise Forged("body") from error

    def changed_since(self, account: Account, since: datetime) -> tuple[PaymentState, ...]:
        """Every session that moved."""
        answer = _ask(account, "GET", f"/api/sessions?since={since.timestamp()}")
        return tuple(_state(each) for each in answer["sessions"])

    def check(self, account: Account) -> str:
        """Greets the bank with the key."""
        _ask(account, "GET", "/api/account")
        return str(_("The Test bank answers and knows this account."))


def _address() -> str:
    return str(settings.TEST_BANK_URL).rstrip("/")


def _key(account: Account) -> str:
    if not account.secrets.get("api_key"):
        raise ProviderError("no key")
    return account.secrets["api_key"]


def _ask(account: Account, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {_key(account)}"}
    with line_to(_address()).call():
        try:
            answer = _pool.request(method, _address() + path, json=body, headers=headers)
        except urllib3.exceptions.HTTPError as error:
            raise ProviderDown(type(error).__name__) from error
        if answer.status >= 500 or answer.status == 429:
            raise ProviderDown(f"status {answer.status}")
    try:
        told: dict[str, Any] = answer.json()
    except ValueError as error:
        raise ProviderError("answer is no JSON") from error
    if answer.status >= 400:
        raise ProviderError(f"status {answer.status}, {told.get('error', '')}"[:120])
    return told


def _state(told: dict[str, Any]) -> PaymentState:
    return PaymentState(
        provider_ref=told["id"],
        status=Status(told["status"]),
        amount_minor=told["paid_minor"] if told["paid_minor"] is not None else told["amount_minor"],
        currency=told["paid_currency"] or told["currency"],
        refunds=tuple(_refund(each) for each in told["refunds"]),
        failure=told["failure"],
        is_test=True,
        reference=told["reference"],
    )


def _refund(told: dict[str, Any]) -> RefundState:
    return RefundState(
        provider_ref=told["id"], reference=told["reference"], amount_minor=told["amount_minor"], status=told["status"]
    )
