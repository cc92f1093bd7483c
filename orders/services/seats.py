"""Seats of an offer: held when ordered, confirmed when paid, given back otherwise. The counter equals the rows."""

from datetime import datetime, timedelta

from django.db.models import F, Q

from offers.models import Offer
from orders.models import Order

HOLD = timedelta(minutes=30)

_FREE = Q(seats=None) | Q(seats_taken__lt=F("seats"))


def take_seat(offer_id: int) -> bool:
    """Raise the counter by one if a seat is left: one conditional UPDATE, which also decides every race."""
    return bool(Offer.objects.filter(_FREE, pk=offer_id).update(seats_taken=F("seats_taken") + 1))


def give_seat_back(order: Order) -> None:
    """Release the seat of an order (locked by the caller), if it has one."""
    if order.seat not in (Order.Seat.HELD, Order.Seat.CONFIRMED) or order.offer_id is None:
        return
    Offer.objects.filter(pk=order.offer_id).update(seats_taken=F("seats_taken") - 1)
    order.seat = Order.Seat.RELEASED
    order.save(update_fields=["seat"])


def regain_seat(order: Order, until: datetime) -> bool:
    """Hold the seat that a locked order had lost again until that instant; False when none is left."""
    if order.seat == Order.Seat.RELEASED:
        if order.offer_id is None or not take_seat(order.offer_id):
            return False
        order.seat = Order.Seat.HELD
        order.held_until = until
        order.save(update_fields=["seat", "held_until"])
    return True
