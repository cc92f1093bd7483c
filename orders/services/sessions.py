"""Sending a buyer to pay, and asking how it went. Functions here open scopes of their own: in between they talk."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kwiga import clock, limits
from kwiga.errors import DomainError
from kwiga.sites import root_url
from orders.links import order_of_token, pay_token
from orders.models import Order, Payment, PaymentConnection
from orders.payments.protocol import Account, PaymentState, Provider, ProviderError, Session, SessionRequest, Status
from orders.payments.registry import provider_of
from orders.selectors.money import due_minor
from orders.services.applying import apply_state
from orders.services.connections import account_of, connections_for
from orders.services.due import close_later
from orders.services.paying import start_payment
from schools.models import School
from schools.sites import site_url
from schools.tenancy.scope import refuse_in_scope, school_scope

logger = structlog.get_logger("orders.payments")

SESSION = timedelta(minutes=30)
_MARGIN = timedelta(minutes=1)
_TITLE_LENGTH = 120
# Card testing (trust C11): so many failed payments, and this client waits.
FAILURES, FAILURES_SECONDS = 20, 3600


class NoSuchLink(LookupError):
    """The token opens no order of this school."""


class MethodGone(DomainError):
    """The way of paying that was chosen is not offered (any more)."""

    def __init__(self) -> None:
        super().__init__(_("This way of paying is not available any more. Choose another one."))


class Blocked(DomainError):
    """Too many failed payments of one client."""

    def __init__(self, until: datetime) -> None:
        super().__init__(_("Too many payments failed. Please try again later."))
        self.until = until


@dataclass(frozen=True, kw_only=True)
class _Talk:
    """What a conversation about a payment needs, read in a scope beforehand."""

    payment: Payment
    provider: Provider
    account: Account


@dataclass(frozen=True, kw_only=True)
class _Opening(_Talk):
    request: SessionRequest


def go_to_provider(*, school: School, token: str, method: str, client: str) -> Payment:
    """Begin to pay an order through the connection with the token `method`; the payment says where the buyer goes.

    An open session is used again. `client` is who pays, for the limit of failures. Raises NoSuchLink, MethodGone,
    Blocked, ProviderError, and what `start_payment` raises.
    """
    refuse_in_scope("Sending a buyer to pay")
    if until := blocked_until(client):
        raise Blocked(until)
    with school_scope(school):
        step = _begin(school, token, method, client)
    if isinstance(step, Payment):
        return step
    session = step.provider.open_session(step.account, step.request)
    with school_scope(school):
        return keep_session(payment=step.payment, session=session)


def ask_provider(*, school: School, token: str) -> Order:
    """Ask once how the payment of this link stands, and apply the answer; the order as it is then.

    A provider that is down is not waited for. Raises NoSuchLink.
    """
    refuse_in_scope("Asking how a payment stands")
    with school_scope(school):
        order = _order(token)
        talk = _talk_about(order)
        if talk is None:
            # Read after its payments: a notice may have settled it between the two looks.
            return order if order.is_settled else _order(token)
    try:
        state = talk.provider.read_state(talk.account, talk.payment.provider_ref)
    except ProviderError as error:
        logger.warning("provider not asked", reason=type(error).__name__, school=school.pk)
        return order
    with school_scope(school):
        settled: Order = apply_known(payment=talk.payment, state=state).order
        return settled


@transaction.atomic(savepoint=False)
def keep_session(*, payment: Payment, session: Session) -> Payment:
    """Write down where the buyer goes; a payment that was given up meanwhile gets its session closed."""
    locked = Payment.objects.select_for_update(of=("self",), no_key=True).get(pk=payment.pk)
    locked.provider_ref = locked.provider_ref or session.provider_ref
    locked.session = locked.session | {"url": session.url, "fields": dict(session.fields)}
    locked.session_ends_at = session.ends_at or locked.session_ends_at
    locked.save(update_fields=["provider_ref", "session", "session_ends_at"])
    if locked.state not in Payment.OPEN:
        close_later(locked)
    return locked


def apply_known(*, payment: Payment, state: PaymentState) -> Payment:
    """`apply_state`, and a failure counts against the client that paid (C11). In an open scope."""
    if state.status != Status.FAILED:
        return apply_state(payment=payment, state=state)
    before = Payment.objects.values_list("state", flat=True).get(pk=payment.pk)
    after = apply_state(payment=payment, state=state)
    client = after.session.get("client", "")
    if client and after.state == Payment.State.FAILED != before:
        transaction.on_commit(lambda: _count_failure(client), robust=True)
    return after


def blocked_until(client: str) -> datetime | None:
    """When this client may pay again; None when it may now."""
    return limits.blocked_until("failed-payments", client, times=FAILURES, seconds=FAILURES_SECONDS)


def has_session(payment: Payment, at: datetime) -> bool:
    """Whether the buyer can still be sent to the session of an open payment."""
    ends_at = payment.session_ends_at
    return bool(payment.session.get("url")) and (ends_at is None or at < ends_at)


def _begin(school: School, token: str, method: str, client: str) -> Payment | _Opening:
    order = _order(token)
    connection = _connection(order, method)
    provider = provider_of(connection.provider)
    payment = start_payment(order=order, connection=connection)
    if not provider.capabilities.online or payment.state == Payment.State.PENDING:
        return payment
    if has_session(payment, clock.now()):
        return payment
    if "client" not in payment.session:
        _prepare(payment, order, client)
    request = _request(school, order, payment, connection)
    return _Opening(payment=payment, provider=provider, account=account_of(connection), request=request)


def _prepare(payment: Payment, order: Order, client: str) -> None:
    """Fix what a repeat after a crash has to send again just as it was. The session ends before the hold does."""
    ends = [order.held_until - _MARGIN] if order.held_until else []
    ends += [order.expires_at] if order.expires_at else []
    soonest = payment.created_at + 2 * _MARGIN
    payment.session_ends_at = min([payment.created_at + SESSION, *(max(end, soonest) for end in ends)])
    payment.session = payment.session | {"client": client}
    payment.save(update_fields=["session", "session_ends_at"])


def _request(school: School, order: Order, payment: Payment, connection: PaymentConnection) -> SessionRequest:
    titles = list(order.lines.order_by("position").values_list("title", flat=True))
    return SessionRequest(
        reference=payment.token,
        order_number=order.number,
        title=", ".join(titles)[:_TITLE_LENGTH],
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        language=order.language,
        buyer_email=order.buyer_email,
        return_url=site_url(school, "pay_return", pay_token(order)),
        notice_url=notice_url(school, connection),
        ends_at=payment.session_ends_at,
        begun_at=payment.created_at,
    )


def notice_url(school: School, connection: PaymentConnection) -> str:
    """Where the provider sends its notices."""
    return root_url("webhook", connection.provider, school.slug, connection.token)


def _order(token: str) -> Order:
    order = order_of_token(token)
    if order is None:
        raise NoSuchLink
    return order


def _connection(order: Order, method: str) -> PaymentConnection:
    # Whoever has the link may pay: it is the school that gave it out, or the buyer who came from the checkout.
    offered = connections_for(order.currency, due_minor(order), is_guest=True)
    found = next((connection for connection in offered if connection.token == method), None)
    if found is None:
        raise MethodGone
    return found


def _talk_about(order: Order) -> _Talk | None:
    """The attempt that may have moved: the newest one that the provider knows and that did not arrive yet."""
    payments = Payment.objects.filter(order=order, connection__isnull=False).exclude(provider_ref="")
    payment = payments.select_related("connection").order_by("-created_at", "-pk").first()
    if payment is None or payment.connection is None or payment.state in Payment.CAPTURED:
        return None
    connection = payment.connection
    return _Talk(payment=payment, provider=provider_of(connection.provider), account=account_of(connection))


def _count_failure(client: str) -> None:
    limits.allow("failed-payments", client, times=FAILURES, seconds=FAILURES_SECONDS)
