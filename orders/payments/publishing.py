"""What offers are told before they are put on sale: can anybody pay for it? (K06, K10)"""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext

from coupons import minimums
from offers.models import Offer
from offers.publishing import Problem, register_check, register_guest_check
from orders.payments.registry import provider_of
from orders.services.connections import connections_for, current_connections


def register_own() -> None:
    """Object to publications that nobody could pay for."""
    register_check(_can_be_paid)
    register_guest_check(_guest_obstacle)
    minimums.register(_smallest_sum)


def _can_be_paid(offer: Offer) -> Iterable[str]:
    if not offer.price_minor:
        return
    settings = reverse("payments:list", args=[offer.school.slug])
    if not connections_for(offer.currency, offer.price_minor, is_guest=False):
        yield Problem(gettext("Nobody can pay for it yet: connect a way to pay that takes this price."), settings)
    elif offer.guest_checkout and not connections_for(offer.currency, offer.price_minor, is_guest=True):
        text = gettext("No way to pay works without signing in: connect another, or let buyers sign in first.")
        yield Problem(text, settings)


def _guest_obstacle() -> str:
    """Only where there are ways to pay, and none of them takes guests: free offers need none at all."""
    offered = [each.provider for each in current_connections().filter(is_enabled=True)]
    if not offered or any(provider_of(key).capabilities.guest for key in offered):
        return ""
    return gettext("None of your ways to pay works without signing in.")


def _smallest_sum(currency: str) -> int | None:
    """The smallest sum that any of the ways to pay takes; None when one takes all, or there is none."""
    able = [provider_of(each.provider).capabilities for each in current_connections().filter(is_enabled=True)]
    least = [
        each.minimum_minor.get(currency, 1) for each in able if each.currencies is None or currency in each.currencies
    ]
    return min(least) if least and min(least) > 1 else None
