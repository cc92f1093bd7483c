"""What templates ask an offer."""

from datetime import datetime

from django import template

from offers.models import Offer

register = template.Library()


@register.filter
def price_at(offer: Offer, at: datetime) -> int:
    """The price in minor units at that instant, promo counted."""
    return offer.price_at(at)
