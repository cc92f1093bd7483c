"""A checkout becomes an order."""

import json
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import IntegrityError, OperationalError, transaction

from contacts.models import Contact
from contacts.services.people import note_external_id, recognize_contact
from coupons.services.errors import UseRefused
from kwiga import clock, limits
from kwiga.tokens import digest
from offers.models import Offer
from orders.errors import Busy, CouponRefused, KeyReused, NotOnSale, PriceChanged, TooManyFreeOrders
from orders.links import pay_token
from orders.models import Order, OrderAcceptance, OrderLine
from orders.selectors.quote import Availability, Quote, availability_of, quote_offer
from orders.selectors.sale import Sale, sale_of
from orders.services.checks import accepted_versions, answers_to, check_buyer
from orders.services.completing import complete_order
from orders.services.coupon_uses import keep_use
from orders.services.drafting import Line, write_order
from orders.services.locks import locked_contact
from orders.services.replacing import Buyer, claim_coupon, claim_place
from orders.services.seats import HOLD
from schools.journal import record_event, recorded_together
from schools.tenancy.scope import current_school_id

FREE_ORDERS, FREE_ORDERS_SECONDS = 20, 3_600


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """What a buyer submitted. The total is only compared with the computed one (trust C6).

    `contact` is who signed in in this browser; `own_orders` are the numbers of the orders placed in it before.
    """

    offer_token: str
    email: str
    name: str = ""
    phone: str = ""
    answers: list[tuple[int, str]] = field(default_factory=list)
    accepted_version_ids: list[int] = field(default_factory=list)
    language: str
    shown_total_minor: int
    shown_currency: str
    idempotency_key: str
    code: str = ""
    utm: dict[str, str] = field(default_factory=dict)
    external_id: str = ""
    client_address: str = ""
    contact: Contact | None = None
    own_orders: frozenset[str] = frozenset()

    @property
    def fingerprint(self) -> str:
        """What makes two submissions of one form the same; the email apart (P5)."""
        said = [
            self.offer_token,
            " ".join(self.name.split()),
            self.phone.strip(),
            sorted(self.answers),
            sorted(self.accepted_version_ids),
            self.code.strip().upper(),
            self.contact.pk if self.contact else None,
        ]
        return digest(json.dumps(said, ensure_ascii=False))


@dataclass(frozen=True, kw_only=True)
class Placed:
    """`is_new` is False when the same form had made the order before."""

    order: Order
    pay_token: str
    is_new: bool


@transaction.atomic(savepoint=False)
def place_order(*, checkout: Checkout) -> Placed:
    """Make the order of a submitted checkout, once for each form. A total of zero is paid at once.

    A refusal gives up the whole scope: catch it outside.

    Raises PriceChanged, CouponRefused, NotOnSale, SoldOut, OnceOnly, Reserved, AnswerMissing, PhoneMissing,
    SignInNeeded, TermsNotAccepted, KeyReused, Busy, TooManyFreeOrders, and Offer.DoesNotExist for an unknown address.
    The caller leaves the scope before it talks to a provider.
    """
    try:
        with recorded_together():
            return _place(checkout)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") in ("55P03", "40P01"):  # lock_timeout, deadlock
            raise Busy from error
        raise
    except IntegrityError as error:
        # Two forms with one key and different emails at the same instant: the database let one through.
        raise Busy from error


def _place(checkout: Checkout) -> Placed:
    contact = _contact_of(checkout)
    known = Order.objects.filter(idempotency_key=checkout.idempotency_key).first()
    if known and known.contact_id == contact.pk:
        return _again(known, checkout)
    sale = _sale_of(checkout)
    buyer = _buyer_of(checkout, contact)
    place = claim_place(sale.offer, buyer, has_seat=_make_room(checkout, sale.offer, buyer))
    quote = _agreed_quote(checkout, place.offer, is_same_form=known is not None)
    versions = accepted_versions(sale, checkout.language, checkout.accepted_version_ids)
    order = _order_of(checkout, contact, quote)
    order.seat, order.held_until = place.seat, place.held_until or (clock.now() + HOLD if quote.coupon else None)
    order.answers = answers_to(sale.questions, checkout.answers)
    if quote.is_free:
        _count_free_order(checkout)
    line = write_order(order, _line_of(quote, sale))
    _hold_coupon(checkout, order, line, quote)
    _keep_acceptances(order, versions, checkout.client_address)
    record_event("order.placed", subject=order, data={"offer": quote.offer.pk, "source": order.source, "mail": True})
    if quote.is_free:
        complete_order(order, payment=None)
    return Placed(order=order, pay_token=pay_token(order), is_new=True)


def _again(order: Order, checkout: Checkout) -> Placed:
    if order.fingerprint != checkout.fingerprint:
        raise KeyReused
    return Placed(order=order, pay_token=pay_token(order), is_new=False)


def _contact_of(checkout: Checkout) -> Contact:
    """Whose order it will be, locked: who signed in, else whom the school knows by the email."""
    if checkout.contact:
        contact = locked_contact(checkout.contact.pk)
        note_external_id(contact=contact, external_id=checkout.external_id)
        return contact
    return recognize_contact(
        email=checkout.email,
        name=checkout.name,
        phone=checkout.phone,
        language=checkout.language,
        external_id=checkout.external_id,
    )


def _sale_of(checkout: Checkout) -> Sale:
    sale = sale_of(checkout.offer_token)
    _check_on_sale(availability_of(sale.offer, clock.now()))
    check_buyer(sale.offer, is_signed_in=checkout.contact is not None, phone=checkout.phone)
    return sale


def _buyer_of(checkout: Checkout, contact: Contact) -> Buyer:
    return Buyer(contact=contact, is_signed_in=checkout.contact is not None, own_orders=checkout.own_orders)


def _check_on_sale(availability: Availability) -> None:
    # Whether a seat is left is for `claim_place` to find out.
    if availability not in (Availability.ON_SALE, Availability.SOLD_OUT):
        raise NotOnSale(availability)


def _agreed_quote(checkout: Checkout, offer: Offer, *, is_same_form: bool) -> Quote:
    """What it costs now, if that is what the buyer saw. Another email in a form that was sent is looked at anew."""
    quote = _quote(checkout, offer)
    _check_on_sale(quote.availability)
    is_other = (quote.total_minor, quote.currency) != (checkout.shown_total_minor, checkout.shown_currency)
    if is_other and quote.refusal:
        raise CouponRefused(quote)
    if is_same_form or is_other:
        raise PriceChanged(quote)
    return quote


def _quote(checkout: Checkout, offer: Offer) -> Quote:
    return quote_offer(
        offer=offer,
        contact=checkout.contact,
        email=checkout.email,
        at=clock.now(),
        code=checkout.code,
        own_orders=checkout.own_orders,
    )


def _make_room(checkout: Checkout, offer: Offer, buyer: Buyer) -> bool:
    """Only who was shown a discount gives up an older order for it."""
    if not checkout.code or checkout.shown_total_minor >= offer.price_minor:
        return False
    return claim_coupon(checkout.code, offer, buyer)


def _hold_coupon(checkout: Checkout, order: Order, line: OrderLine, quote: Quote) -> None:
    """Hold the use that was quoted. Whoever was faster, buyer or team, is found out here (C4, R5).

    An edit in between that leaves the price as it is gets a second look.
    """
    for _look in range(2):
        try:
            return keep_use(order, line, quote)
        except UseRefused as error:
            before, quote = quote, _quote(checkout, quote.offer)
            if quote.total_minor != before.total_minor:
                raise CouponRefused(quote) from error
    raise Busy


def _order_of(checkout: Checkout, contact: Contact, quote: Quote) -> Order:
    offer, now = quote.offer, clock.now()
    return Order(
        school_id=current_school_id(),
        contact=contact,
        offer=offer,
        buyer_email=checkout.email.strip(),
        buyer_name=" ".join(checkout.name.split()) or contact.name,
        buyer_phone=checkout.phone.strip(),
        language=checkout.language,
        utm=checkout.utm,
        currency=quote.currency,
        subtotal_minor=quote.subtotal_minor,
        discount_minor=quote.discount_minor,
        total_minor=quote.total_minor,
        idempotency_key=checkout.idempotency_key,
        fingerprint=checkout.fingerprint,
        expires_at=now + timedelta(days=offer.school.order_expiry_days),
    )


def _line_of(quote: Quote, sale: Sale) -> Line:
    offer = quote.offer
    return Line(
        title=offer.title,
        list_price_minor=quote.list_price_minor,
        price_minor=quote.subtotal_minor,
        discount_minor=quote.discount_minor,
        window=offer,
        parts=sale.parts,
    )


def _keep_acceptances(order: Order, versions: list[int], client_address: str) -> None:
    now = clock.now()
    rows = [
        OrderAcceptance(
            school_id=order.school_id,
            order=order,
            version_id=version,
            client_address=client_address or None,
            accepted_at=now,
        )
        for version in versions
    ]
    if rows:
        OrderAcceptance.objects.bulk_create(rows)


def _count_free_order(checkout: Checkout) -> None:
    key = limits.address_key(checkout.client_address)
    if not limits.allow("free-orders", key, times=FREE_ORDERS, seconds=FREE_ORDERS_SECONDS):
        raise TooManyFreeOrders
