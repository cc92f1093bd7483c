"""Mails about orders: what happened is told by the journal, each mail goes out once however often it is told.

All in the buyer's language (K07); what an offer says about its own mails counts (K04).
"""

from collections.abc import Callable

from django.utils import timezone, translation

from kwiga.money import format_money
from kwiga.templatetags.instants import zoned_end
from offers.mails import OrderFacts, Wording, mail_of, standard, wording_of
from offers.models import OfferMail
from orders.facts import facts_of
from orders.models import Order, Payment, Refund
from orders.payments.registry import provider_of
from schools.mail import InvalidRecipient, queue_mail
from schools.models import Event
from schools.outbox.listeners import listen

_Occasion = OfferMail.Occasion


def register_own() -> None:
    """Listen to what happens to orders and payments."""
    handlers: dict[str, Callable[[Event], None]] = {
        "order.placed": tell_placed,
        "order.link_asked": tell_link_again,
        "order.paid": tell_paid,
        "order.moved": tell_moved,
        "payment.started": tell_transfer,
        "payment.failed": tell_failed,
        "refund.succeeded": tell_refunded,
    }
    for kind, handler in handlers.items():
        listen(kind, handler)


def tell_placed(event: Event) -> None:
    """The link to pay, for terms the team made for one person; who buys in the store pays at once (K02)."""
    if event.data.get("source") == Order.Source.CHECKOUT:
        return
    order = _order(event)
    if order and order.source == Order.Source.MANUAL and order.state == Order.State.PENDING and _may_mail(event):
        _send(order, _pay_link(order), f"order:{order.pk}:placed")


def tell_link_again(event: Event) -> None:
    """The link of an unpaid order to whoever asked for the same again; once an hour, so that nobody is flooded."""
    order = _order(event)
    if order and order.state == Order.State.PENDING:
        _send(order, _pay_link(order), f"order:{order.pk}:link:{event.created_at:%Y%m%d%H}")


def _pay_link(order: Order) -> Wording:
    return standard("pay_link", facts_of(order.school, order), leads_in=False, until=_until(order))


def _may_mail(event: Event) -> bool:
    return bool(event.data.get("mail", True))


def tell_paid(event: Event) -> None:
    """The confirmation of a purchase, of a free offer, or of access the team opened; none where staff said so."""
    order = _order(event)
    if order is None or not _may_mail(event):
        return
    facts = facts_of(order.school, order)
    wording = _of_paid(order, facts)
    if wording:
        _send(order, wording, f"order:{order.pk}:paid")
    if order.contact.verified_at is None and not (wording and wording.leads_in):
        # Without a link nobody new would find the way in (K10).
        _send(order, standard("activation", facts), f"order:{order.pk}:activation")


def _of_paid(order: Order, facts: OrderFacts) -> Wording | None:
    if order.total_minor:
        occasion = _Occasion.PURCHASED
    elif order.source == Order.Source.CHECKOUT:
        occasion = _Occasion.FREE_ACCEPTED
    else:
        return standard("access_opened", facts)
    return wording_of(order.school, occasion, mail_of(order.offer, occasion), facts)


def tell_moved(event: Event) -> None:
    """Whoever the order was meant for gets the way in (K01)."""
    order = _order(event)
    if order and order.is_settled:
        wording = standard("access_opened", facts_of(order.school, order))
        _send(order, wording, f"order:{order.pk}:moved:{order.contact_id}")


def tell_transfer(event: Event) -> None:
    """Where to send the money, when the buyer chose a way that no page of a provider serves."""
    payment = _payment(event)
    if payment is None or payment.connection is None or provider_of(payment.provider).capabilities.online:
        return
    order = payment.order
    more = {"details": payment.connection.options.get("details", ""), "until": _until(order)}
    wording = standard("order_transfer", facts_of(order.school, order), leads_in=False, **more)
    _send(order, wording, f"order:{order.pk}:transfer:{payment.connection_id}")


def tell_failed(event: Event) -> None:
    """The link to try again, unless the order has been paid meanwhile or is closed."""
    payment = _payment(event)
    if payment is None or payment.order.state != Order.State.PENDING:
        return
    order = payment.order
    mail = mail_of(order.offer, _Occasion.PAYMENT_FAILED)
    if wording := wording_of(order.school, _Occasion.PAYMENT_FAILED, mail, facts_of(order.school, order)):
        _send(order, wording, f"payment:{payment.pk}:failed")


def tell_refunded(event: Event) -> None:
    """How much money came back, and whether the courses stay open."""
    refund = _refund(event)
    if refund is None:
        return
    order = refund.payment.order
    with translation.override(order.language):
        amount = format_money(refund.amount_minor, refund.payment.currency)
    more = {"amount": amount, "closes_access": refund.closes_access}
    wording = standard("order_refunded", facts_of(order.school, order), leads_in=False, **more)
    _send(order, wording, f"refund:{refund.pk}")


def _send(order: Order, wording: Wording, key: str) -> None:
    try:
        queue_mail(
            template=wording.template,
            to=order.buyer_email,
            language=order.language,
            context=wording.context,
            dedupe_key=key,
        )
    except InvalidRecipient:
        # An address nobody could write to: the order stands, and its page shows the address to the team.
        return


def _until(order: Order) -> str:
    if order.expires_at is None:
        return ""
    with translation.override(order.language), timezone.override(order.school.time_zone):
        return zoned_end(order.expires_at)


def _order(event: Event) -> Order | None:
    return Order.objects.select_related("school", "contact", "offer").filter(pk=event.subject_id or 0).first()


def _payment(event: Event) -> Payment | None:
    rows = Payment.objects.select_related("order__school", "order__contact", "order__offer", "connection")
    return rows.filter(pk=event.data.get("payment")).first()


def _refund(event: Event) -> Refund | None:
    rows = Refund.objects.select_related("payment__order__school", "payment__order__contact")
    return rows.filter(pk=event.data.get("refund")).first()
