"""Orders as buyers and the team make them: each built by the services."""

import secrets
from typing import Any

import factory

from kwiga import clock
from offers.models import Offer
from orders.models import Order, Payment, PaymentConnection
from orders.selectors.quote import quote_offer
from orders.services.paying import mark_paid, start_payment
from orders.services.placing import Checkout, Placed, place_order
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.offers import PublishedOfferFactory, whole_course


def checkout_of(offer: Offer, **said: Any) -> Checkout:
    """What a buyer submits on the page of the offer as it is now; `said` replaces what it says."""
    with school_scope(offer.school_id):
        quote = quote_offer(offer=Offer.objects.get(pk=offer.pk), at=clock.now())
    usual = {
        "offer_token": offer.token,
        "email": "buyer@example.test",
        "name": "Olena Buyer",
        "language": "en",
        "shown_total_minor": quote.total_minor,
        "shown_currency": quote.currency,
        "idempotency_key": secrets.token_urlsafe(16),
        "client_address": "127.0.0.9",
    }
    return Checkout(**(usual | said))  # type: ignore[arg-type]


def placed(offer: Offer, **said: Any) -> Placed:
    """The order of one checkout, committed (within a test's own transaction)."""
    checkout = checkout_of(offer, **said)
    with school_scope(offer.school_id):
        return place_order(checkout=checkout)


def sold_offer(school: School, **fields: Any) -> Offer:
    """An offer on sale that opens one whole course."""
    offer: Offer = PublishedOfferFactory(**({"school": school, "items": (whole_course(school),)} | fields))
    return offer


class PlacedOrderFactory(factory.Factory[Order]):
    """An unpaid order of a checkout. Give `offer`, or `school` for an offer of its own."""

    class Meta:
        model = Order

    offer = None
    email = factory.Sequence(lambda n: f"buyer{n}@example.test")
    name = factory.Sequence(lambda n: f"Buyer {n}")

    @classmethod
    def _create(cls, model_class: type[Order], *args: Any, **fields: Any) -> Order:
        school, offer = fields.pop("school", None), fields.pop("offer")
        return placed(offer or sold_offer(school), **fields).order


class PaidOrderFactory(PlacedOrderFactory):
    """The same, and the team has written the money down."""

    @classmethod
    def _create(cls, model_class: type[Order], *args: Any, **fields: Any) -> Order:
        order = super()._create(model_class, *args, **fields)
        with school_scope(order.school_id):
            if not order.is_settled:
                mark_paid(order=order, amount_minor=order.total_minor, comment="", actor=None)
            return Order.objects.get(pk=order.pk)


class ConnectionFactory(factory.Factory[PaymentConnection]):
    """A school's connection to the Test bank; `provider="bank_transfer"` for one without a page."""

    class Meta:
        model = PaymentConnection

    provider = "test_bank"

    @classmethod
    def _create(cls, model_class: type[PaymentConnection], *args: Any, **fields: Any) -> PaymentConnection:
        with school_scope(fields["school"]):
            return PaymentConnection.objects.create(**fields)


def started(order: Order, connection: PaymentConnection, provider_ref: str = "") -> Payment:
    """A payment that the buyer has gone off to make, its session open when the provider gave it a name."""
    with school_scope(order.school_id):
        payment = start_payment(order=order, connection=connection)
        if provider_ref:
            Payment.objects.filter(pk=payment.pk).update(provider_ref=provider_ref)
        return Payment.objects.select_related("order", "connection").get(pk=payment.pk)
