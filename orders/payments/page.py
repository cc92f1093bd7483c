"""What the pay page of an order shows at an instant."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.utils.functional import Promise

from orders.models import Order, OrderDiscount, OrderLine, Payment, PaymentConnection
from orders.payments.registry import label_of, provider_of
from orders.selectors.money import due_minor
from orders.services.connections import connections_for
from orders.services.sessions import has_session


class Stage(StrEnum):
    """Where the buyer stands."""

    CHOOSE = "choose"
    ENTER = "enter"  # a form leads to the provider
    TRANSFER = "transfer"
    WAITING = "waiting"
    REVIEW = "review"  # money arrived that a person has to look at
    PAID = "paid"
    EXPIRED = "expired"
    CANCELED = "canceled"


@dataclass(frozen=True, kw_only=True)
class Method:
    """One way to pay."""

    token: str
    title: str | Promise
    provider: str
    is_online: bool


@dataclass(frozen=True, kw_only=True)
class PayPage:
    """Everything the page says; sums in minor units of the order's currency."""

    stage: Stage
    order: Order
    lines: list[OrderLine]
    discounts: list[OrderDiscount]
    due_minor: int
    methods: list[Method] = field(default_factory=list)
    connections: list[PaymentConnection] = field(default_factory=list)  # those the page can lead to
    payment: Payment | None = None
    has_failed: bool = False
    details: str = ""  # where a bank transfer goes


def pay_page_of(order: Order, at: datetime) -> PayPage:
    """The page of an order of the open scope."""
    payment = Payment.objects.filter(order=order).select_related("connection").order_by("-created_at", "-pk").first()
    stage = _stage(order, payment, at)
    is_open = stage in {Stage.CHOOSE, Stage.ENTER, Stage.TRANSFER}
    due = due_minor(order)
    offered = connections_for(order.currency, due, is_guest=True) if is_open else []
    chosen = payment.connection if payment and stage in {Stage.ENTER, Stage.TRANSFER} else None
    others = [each for each in offered if each != chosen]
    return PayPage(
        stage=stage,
        order=order,
        lines=list(order.lines.order_by("position")),
        discounts=list(order.discounts.order_by("position", "id")) if order.discount_minor else [],
        due_minor=due,
        methods=[_method(each) for each in others],
        connections=others if chosen is None else [chosen, *others],
        payment=payment,
        has_failed=stage == Stage.CHOOSE and payment is not None and payment.state == Payment.State.FAILED,
        details=_details(payment) if stage == Stage.TRANSFER else "",
    )


def _stage(order: Order, payment: Payment | None, at: datetime) -> Stage:
    if order.is_settled:
        return Stage.PAID
    if payment and payment.needs_review_at:
        return Stage.REVIEW
    if order.is_dead:
        return Stage.CANCELED if order.state == Order.State.CANCELED else Stage.EXPIRED
    if order.state == Order.State.PENDING and order.expires_at and order.expires_at <= at:
        return Stage.EXPIRED
    if payment and payment.state == Payment.State.PENDING:
        return Stage.WAITING
    return _stage_of_open(payment, at)


def _stage_of_open(payment: Payment | None, at: datetime) -> Stage:
    if payment is None or payment.state != Payment.State.CREATED or payment.connection is None:
        return Stage.CHOOSE
    if not provider_of(payment.provider).capabilities.online:
        return Stage.TRANSFER
    return Stage.ENTER if payment.session.get("fields") and has_session(payment, at) else Stage.CHOOSE


def _method(connection: PaymentConnection) -> Method:
    return Method(
        token=connection.token,
        title=connection.title or label_of(connection.provider),
        provider=connection.provider,
        is_online=provider_of(connection.provider).capabilities.online,
    )


def _details(payment: Payment | None) -> str:
    return str(payment.connection.options.get("details", "")) if payment and payment.connection else ""
