"""What will happen with an offer, in plain sentences: beside its form while it is written, and on its page."""

from collections.abc import Iterator

from django.utils.translation import gettext, ngettext

from kwiga import clock
from kwiga.money import format_money
from kwiga.templatetags.instants import zoned_end, zoned_instant
from offers.models import Offer
from offers.selectors import items_of
from offers.tree import Node


def titles_in(nodes: list[Node], tree: list[Node]) -> list[str]:
    """What chosen nodes open, by course: "Piano", "Voice (3 parts)"."""
    found = []
    for course in tree:
        inside = [node for node in nodes if node.item.course_id == course.item.course_id]
        if any(node.key == course.key for node in inside):
            found.append(course.title)
        elif inside:
            found.append(_partly(course.title, len(inside)))
    return found


def titles_of(offer: Offer) -> list[str]:
    """What a saved offer opens, by course; one query."""
    parts: dict[int, int] = {}
    titles: dict[int, str] = {}
    for item in items_of(offer):
        titles[item.course_id] = item.course.title
        parts[item.course_id] = parts.get(item.course_id, 0) + (1 if item.module_id or item.lesson_id else 0)
    return [_partly(title, parts[pk]) if parts[pk] else title for pk, title in titles.items()]


def _partly(title: str, count: int) -> str:
    words = ngettext("%(title)s (%(count)d part)", "%(title)s (%(count)d parts)", count)
    return words % {"title": title, "count": count}


def sentences(offer: Offer, opens: list[str], must_accept: list[str]) -> list[str]:
    """The offer as it stands now. `opens` are the titles of what it opens, `must_accept` those of legal documents."""
    return [*_price(offer), *_access(offer, opens), *_sale(offer), *_buying(offer, must_accept)]


def _price(offer: Offer) -> Iterator[str]:
    if not offer.price_minor:
        yield gettext("It is free.")
        return
    price = format_money(offer.price_minor, offer.currency)
    if offer.promo_price_minor is None or offer.promo_price_minor >= offer.price_minor:
        yield gettext("Buyers pay %(price)s.") % {"price": price}
        return
    facts = {
        "price": price,
        "promo": format_money(offer.promo_price_minor, offer.currency),
        "start": zoned_instant(offer.promo_starts_at) if offer.promo_starts_at else "",
        "end": zoned_end(offer.promo_ends_at) if offer.promo_ends_at else "",
    }
    yield _promo(offer) % facts


def _promo(offer: Offer) -> str:
    if offer.promo_ends_at and offer.promo_ends_at <= clock.now():
        return gettext("Buyers pay %(price)s; the promo price ended on %(end)s.")
    if offer.promo_starts_at and offer.promo_ends_at:
        return gettext("Buyers pay %(price)s, but %(promo)s from %(start)s until %(end)s.")
    if offer.promo_ends_at:
        return gettext("Buyers pay %(promo)s instead of %(price)s until %(end)s.")
    if offer.promo_starts_at:
        return gettext("Buyers pay %(price)s, and %(promo)s from %(start)s on.")
    return gettext("Buyers pay %(promo)s instead of %(price)s until you take the promo price away.")


def _access(offer: Offer, opens: list[str]) -> Iterator[str]:
    if opens:
        yield gettext("It opens: %(titles)s.") % {"titles": ", ".join(opens)}
    else:
        yield gettext("It opens nothing yet.")
    yield _start(offer)
    yield from _end(offer)


def _start(offer: Offer) -> str:
    if offer.opens_at:
        return gettext("Access starts on %(start)s, or with a later purchase.") % {
            "start": zoned_instant(offer.opens_at)
        }
    return gettext("Access starts with the purchase.")


def _end(offer: Offer) -> Iterator[str]:
    if offer.open_for:
        if offer.open_for_unit == Offer.Unit.MONTHS:
            words = ngettext("It lasts for %(count)d month.", "It lasts for %(count)d months.", offer.open_for)
        else:
            words = ngettext("It lasts for %(count)d day.", "It lasts for %(count)d days.", offer.open_for)
        yield words % {"count": offer.open_for}
    if offer.closes_at:
        yield gettext("It ends on %(end)s at the latest.") % {"end": zoned_end(offer.closes_at)}
    if not (offer.open_for or offer.closes_at):
        yield gettext("It lasts for ever.")


def _sale(offer: Offer) -> Iterator[str]:
    if offer.is_listed and offer.is_published:
        yield gettext("Everybody sees it in the store.")
    elif offer.is_listed:
        yield gettext("Everybody sees it in the store once it is published.")
    else:
        yield gettext("Only people with the link find it.")
    if offer.sales_start_at:
        yield gettext("It can be bought from %(start)s on.") % {"start": zoned_instant(offer.sales_start_at)}
    if offer.sales_end_at:
        yield gettext("It can be bought until %(end)s.") % {"end": zoned_end(offer.sales_end_at)}
    if offer.seats:
        facts = {"seats": offer.seats, "taken": offer.seats_taken}
        yield gettext("It has %(seats)d seats; %(taken)d are taken.") % facts
    if offer.once_per_contact:
        yield gettext("Each person can buy it once.")


def _buying(offer: Offer, must_accept: list[str]) -> Iterator[str]:
    if offer.guest_checkout:
        yield gettext("People buy without signing in.")
    else:
        yield gettext("People sign in before they buy.")
    if must_accept:
        yield gettext("Buyers must accept: %(titles)s.") % {"titles": ", ".join(must_accept)}
    if offer.price_minor and not offer.allows_coupons:
        yield gettext("Coupons cannot be used.")
