"""Ordering again when an order can no longer be paid as it was: the form, as the buyer filled it in then."""

from typing import Any

from kwiga.pages.own_orders import own_orders
from offers.models import Offer
from orders.models import Order

PARAMETER = "again"
_NUMBER_LENGTH = 8


def said_before(request: Any, offer: Offer) -> dict[str, str]:
    """What to put into the form of the offer: the answers of the order that the address names.

    Empty for an order of another offer or browser: only where it was placed may its answers be read.
    """
    number = request.GET.get(PARAMETER, "")[:_NUMBER_LENGTH]
    if number not in own_orders(request):
        return {}
    order = Order.objects.filter(number=number, offer=offer).first()
    if order is None:
        return {}
    said = {str(answer["label"]): str(answer["text"]) for answer in order.answers}
    asked = {f"question_{each['id']}": said.get(each["label"], "") for each in offer.asks}  # type: ignore[attr-defined]
    return asked | {"email": order.buyer_email, "name": order.buyer_name, "phone": order.buyer_phone}
