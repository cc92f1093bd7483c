"""A place in an offer that is short: a seat, or the one purchase each person has.

Their own unpaid order never refuses a buyer: in the same browser, or signed in, the new order takes its place; from
another browser the answer is until when it is held (domain.md, "A use is held …").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contacts.models import Contact
from kwiga import clock
from offers.models import Offer
from orders.errors import OnceOnly, Reserved, SoldOut
from orders.models import Order
from orders.services.closing import replace_order
from orders.services.coupon_uses import is_short, unpaid_uses
from orders.services.seats import HOLD, take_seat

_BOUGHT = (Order.State.PAID, Order.State.PART_REFUNDED, Order.State.PART_PAID)


@dataclass(frozen=True, kw_only=True)
class Place:
    """What was claimed: the offer as it is now, under its lock when seats are counted, and the hold for the order."""

    offer: Offer
    seat: str
    held_until: datetime | None


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """The locked contact, and what says that an older order was theirs."""

    contact: Contact
    is_signed_in: bool
    own_orders: frozenset[str]

    def may_replace(self, order: Order) -> bool:
        return self.is_signed_in or order.number in self.own_orders


def claim_coupon(typed: str, offer: Offer, buyer: Buyer) -> bool:
    """Make room for the use of a coupon where a limit would refuse only because of the buyer's own unpaid order.

    True when a seat of the offer came free with that order and is the new one's now. Raises Reserved.
    """
    held = unpaid_uses(typed, buyer.contact)
    if not held or not is_short(held[0].redemption.coupon, buyer.contact):
        return False
    own = [use for use in held if buyer.may_replace(use.order)]
    if not own and held[0].redemption.held_until:
        raise Reserved(held[0].order, held[0].redemption.held_until)
    return replace_order(order=own[0].order, offer=offer)


def claim_place(offer: Offer, buyer: Buyer, *, has_seat: bool = False) -> Place:
    """Claim what the offer has too little of; `has_seat` when one came free for the buyer already.

    Raises OnceOnly, Reserved, SoldOut.
    """
    if offer.seats is None and not offer.once_per_contact:
        return Place(offer=offer, seat=Order.Seat.NONE, held_until=None)
    held_until = clock.now() + HOLD
    freed = (_replace_once(offer, buyer) if offer.once_per_contact else False) or has_seat
    if offer.seats is None:
        return Place(offer=offer, seat=Order.Seat.NONE, held_until=held_until)
    if not freed and not take_seat(offer.pk):
        _take_over_seat(offer, buyer)
    # The row is locked now, or was counted up by nobody but the order that was replaced: the price is today's.
    fresh = Offer.objects.select_related("school").get(pk=offer.pk)
    return Place(offer=fresh, seat=Order.Seat.HELD, held_until=held_until)


def was_bought_already(order: Order) -> bool:
    """Whether the contact has bought an offer that each person may buy once by another order meanwhile."""
    if order.offer is None or not order.offer.once_per_contact:
        return False
    others = Order.objects.filter(contact=order.contact_id, offer=order.offer).exclude(pk=order.pk)
    return others.filter(state__in=_BOUGHT).exists()


def _replace_once(offer: Offer, buyer: Buyer) -> bool:
    """Make room for the one purchase; True when a held seat came free with it and is the new order's now."""
    freed = [_replace(order, offer, buyer) for order in _held_by(offer, buyer)]
    # Asked after the older orders were locked: one of them may have been paid at this very moment.
    if Order.objects.filter(contact=buyer.contact, offer=offer, state__in=_BOUGHT).exists():
        raise OnceOnly
    return any(freed)


def _take_over_seat(offer: Offer, buyer: Buyer) -> None:
    """Sold out, but the buyer's own unpaid order may hold a seat."""
    holding = [order for order in _held_by(offer, buyer) if order.seat == Order.Seat.HELD]
    if not holding or not _replace(holding[0], offer, buyer):
        raise SoldOut


def _held_by(offer: Offer, buyer: Buyer) -> Sequence[Order]:
    own = Order.objects.pending().filter(contact=buyer.contact, offer=offer, held_until__gt=clock.now())
    return list(own.order_by("id"))


def _replace(order: Order, offer: Offer, buyer: Buyer) -> bool:
    if not buyer.may_replace(order) and order.held_until:
        raise Reserved(order, order.held_until)
    return replace_order(order=order, offer=offer)
