"""Stripe as a provider."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import stripe
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
)
from orders.payments.stripe import states
from orders.payments.stripe.amounts import MINIMUM_MINOR, to_stripe

_PAGES = "https://checkout.stripe.com"
_LISTED = 1_000
_LEAST, _MOST = timedelta(minutes=31), timedelta(hours=23)
# Checkout speaks these of ours; for others it follows the browser.
_LOCALES = {"en": "en", "pl": "pl"}
_http = stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS))


class Stripe(Provider):
    """The school's own Stripe account."""

    key = "stripe"
    label = "Stripe"
    help_text = _("Cards and wallets on Stripe’s own page. The money goes to your Stripe account.")
    capabilities = Capabilities(refunds=True, part_refunds=True, minimum_minor=MINIMUM_MINOR)
    settings_fields = (
        SettingsField(
            name="api_key",
            label=_("Secret key"),
            is_secret=True,
            help_text=_("Stripe > Developers > API keys. A restricted key that may write Checkout Sessions is enough."),
        ),
        SettingsField(
            name="webhook_secret",
            label=_("Signing secret of the webhook"),
            is_secret=True,
            is_required=False,
            help_text=_("Connect first: the page then shows the webhook address, and Stripe gives you this for it."),
        ),
    )

    def is_test(self, options: Mapping[str, str], secrets: Mapping[str, str]) -> bool:
        """A key of the sandbox says so itself."""
        return "_test_" in secrets.get("api_key", "")

    def problem_with(self, options: Mapping[str, str], secrets: Mapping[str, str]) -> str | Promise:
        """Keys of another kind are a mistake that can be seen."""
        if not secrets.get("api_key", "sk_").startswith(("sk_", "rk_")):
            return _("A secret key begins with “sk_” or “rk_”.")
        if not secrets.get("webhook_secret", "whsec_").startswith("whsec_"):
            return _("A signing secret begins with “whsec_”.")
        return ""

    def origins(self, account: Account) -> tuple[str, ...]:
        """Where its pages are."""
        return (_PAGES,)

    def open_session(self, account: Account, request: SessionRequest) -> Session:
        """A Checkout Session; asked twice with the same reference, Stripe answers with the first one."""
        made = _call(lambda: _client(account).v1.checkout.sessions.create(_wanted(request), _once(request)))
        return Session(provider_ref=made.id, url=made.url or "", ends_at=datetime.fromtimestamp(made.expires_at, UTC))

    def read_state(self, account: Account, provider_ref: str) -> PaymentState:
        """The session with its payment, and the refunds of that."""
        return _call(lambda: _read(_client(account), provider_ref))

    def close_session(self, account: Account, provider_ref: str) -> PaymentState:
        """An open one expires now; Stripe refuses for any other, whose state is then the answer."""

        def close() -> PaymentState:
            client = _client(account)
            if client.v1.checkout.sessions.retrieve(provider_ref).status == "open":
                with suppress(stripe.InvalidRequestError):  # paid or run out in this very moment
                    client.v1.checkout.sessions.expire(provider_ref)
            return _read(client, provider_ref)

        return _call(close)

    def refund(
        self, account: Account, provider_ref: str, *, reference: str, amount_minor: int, currency: str
    ) -> RefundState:
        """From the payment of the session."""
        amount = to_stripe(amount_minor, currency)

        def give_back() -> RefundState:
            client = _client(account)
            session = client.v1.checkout.sessions.retrieve(provider_ref)
            made = client.v1.refunds.create(
                {
                    "payment_intent": states.id_of(session.payment_intent),
                    "amount": amount,
                    "metadata": {"reference": reference},
                },
                {"idempotency_key": f"refund-{provider_ref}-{reference}"},
            )
            return states.refund_of(made)

        return _call(give_back)

    def read_notice(self, account: Account, headers: Mapping[str, str], body: bytes) -> Notice:
        """Verified by the library over the raw bytes, five minutes at most after it was signed."""
        try:
            event = stripe.Webhook.construct_event(
                body, headers.get("Stripe-Signature", ""), account.secrets.get("webhook_secret", ""), api_key="none"
            )
        except (ValueError, KeyError, TypeError, AttributeError, stripe.SignatureVerificationError) as error:
            raise Forged("signature") from error
        told: dict[str, Any] = event.to_dict()
        if bool(told.get("livemode")) == account.is_test:
            raise Forged("of the other mode")
        try:
            return states.notice_of(told)
        except (KeyError, AttributeError) as error:
            raise Forged("body") from error

    def changed_since(self, account: Account, since: datetime) -> tuple[PaymentState, ...]:
        """Sessions that were paid and made in the day before `since` or later: none can be paid longer after that."""
        window = {"gte": int((since - timedelta(days=1)).timestamp())}

        def look() -> tuple[PaymentState, ...]:
            wanted: Any = {"created": window, "status": "complete", "limit": 100}
            found = islice(_client(account).v1.checkout.sessions.list(wanted).auto_paging_iter(), _LISTED)
            return tuple(states.state_of(each, ()) for each in found if each.client_reference_id)

        return _call(look)

    def check(self, account: Account) -> str:
        """Reads one session, which takes the right the store needs."""
        _call(lambda: _client(account).v1.checkout.sessions.list({"limit": 1}))
        if not account.secrets.get("webhook_secret"):
            return str(_("The key works. Add the webhook with its secret, so that payments are noticed at once."))
        return str(_("The key works."))


def _client(account: Account) -> stripe.StripeClient:
    if not account.secrets.get("api_key"):
        raise ProviderError("no key")
    return stripe.StripeClient(
        account.secrets["api_key"],
        base_addresses={"api": settings.STRIPE_API_BASE},
        http_client=_http,
        max_network_retries=0,
    )


def _wanted(request: SessionRequest) -> Any:
    wanted: dict[str, Any] = {
        "mode": "payment",
        "client_reference_id": request.reference,
        "success_url": request.return_url,
        "cancel_url": request.return_url,
        "locale": _LOCALES.get(request.language, "auto"),
        "metadata": {"reference": request.reference},
        "payment_intent_data": {"metadata": {"reference": request.reference}, "description": request.order_number},
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": request.currency.lower(),
                    "unit_amount": to_stripe(request.amount_minor, request.currency),
                    "product_data": {"name": request.title},
                },
            }
        ],
    }
    if request.buyer_email:
        wanted["customer_email"] = request.buyer_email
    if request.ends_at and request.begun_at:
        ends_at = min(max(request.ends_at, request.begun_at + _LEAST), request.begun_at + _MOST)
        wanted["expires_at"] = int(ends_at.timestamp())
    return wanted


def _once(request: SessionRequest) -> Any:
    return {"idempotency_key": f"session-{request.reference}"}


def _read(client: stripe.StripeClient, provider_ref: str) -> PaymentState:
    session = client.v1.checkout.sessions.retrieve(provider_ref, {"expand": ["payment_intent"]})
    intent = states.id_of(session.payment_intent)
    refunds = client.v1.refunds.list({"payment_intent": intent, "limit": 100}).data if intent else []
    return states.state_of(session, refunds)


def _call[Answer](act: Callable[[], Answer]) -> Answer:
    """The library's errors as ours. Its words may quote what was sent, so only codes go on."""
    with line_to(settings.STRIPE_API_BASE).call():
        try:
            return act()
        except (stripe.APIConnectionError, stripe.RateLimitError) as error:
            raise ProviderDown(type(error).__name__) from error
        except stripe.StripeError as error:
            kind = ProviderDown if (error.http_status or 0) >= 500 or not error.http_status else ProviderError
            raise kind(f"{type(error).__name__} {error.http_status or ''} {error.code or ''}".strip()) from error
