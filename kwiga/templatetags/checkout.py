"""What follows a purchase: `{% load checkout %}{% thank_you_link order as link %}`."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django import template

from offers.mails import PLACES, values_of
from offers.placeholders import render_url
from offers.services.rules import is_safe_link
from orders.facts import facts_of
from orders.models import Order

register = template.Library()


@dataclass(frozen=True)
class Link:
    """A page of the school outside the store."""

    url: str
    host: str


@register.simple_tag
def thank_you_link(order: Order) -> Link | None:
    """The offer's own page after a purchase, filled with what the order says, each value encoded (P7).

    None when the offer has none, or one that no buyer should be sent to. In the open scope.
    """
    written = order.offer.thank_you_url if order.offer else ""
    if not written or not is_safe_link(written):
        return None
    values = values_of(order.school, facts_of(order.school, order))
    url = render_url(written, {name: values.get(name, "") for name in PLACES["thank_you_url"]})
    return Link(url, urlsplit(url).netloc)
