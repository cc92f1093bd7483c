"""A coupon in plain sentences, and what may go wrong with it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coupons.codes import CodeRefused, is_guessable
from coupons.minimums import smallest_sum
from coupons.models import Coupon
from coupons.selectors.examining import preview
from coupons.sentences import refusal_sentence
from coupons.services.terms import CouponTerms
from coupons.wording import percent_text
from kwiga.money import format_money
from kwiga.templatetags.instants import zoned_end, zoned_instant
from offers.models import Offer

OFFERS_PRICED = 12
TITLES_NAMED = 4


@dataclass(frozen=True)
class PricedOffer:
    """What one offer costs without and with the coupon; `reason` when the coupon does not lower it."""

    offer: Offer
    before: str
    after: str
    reason: str
    total_minor: int
    is_lower: bool


def priced_offers(terms: CouponTerms, offers: Iterable[Offer], at: datetime) -> list[PricedOffer]:
    """The exact price of each offer before and after, by the same arithmetic as the checkout."""
    return [_priced(terms, offer, at) for offer in offers]


def _priced(terms: CouponTerms, offer: Offer, at: datetime) -> PricedOffer:
    seen = preview(terms, offer, at)
    refusal = refusal_sentence(seen.refusal, is_known=True) if seen.refusal else ""
    return PricedOffer(
        offer=offer,
        before=format_money(seen.before_minor, offer.currency),
        after=format_money(seen.after_minor, offer.currency),
        reason=refusal,
        total_minor=seen.after_minor,
        is_lower=not refusal and seen.after_minor < seen.before_minor,
    )


def sentences(terms: CouponTerms, *, offers: Sequence[Offer], person: str = "", group: str = "") -> list[str]:
    """What will happen, in words: how much off what, for whom, how often, when."""
    return [
        _size_sentence(terms, offers),
        *_conditions(terms),
        _who(terms, person, group),
        _how_often(terms),
        _when(terms),
    ]


def _size_sentence(terms: CouponTerms, offers: Sequence[Offer]) -> str:
    if terms.percent_bp is not None:
        size = percent_text(terms.percent_bp)
    else:
        size = format_money(terms.amount_minor or 0, terms.currency)
    return _("%(size)s off %(offers)s.") % {"size": size, "offers": _named(terms, offers)}


def _named(terms: CouponTerms, offers: Sequence[Offer]) -> str:
    if terms.for_all_offers:
        return _("all offers that allow coupons")
    titles = [f"“{offer.title}”" for offer in offers[:TITLES_NAMED]]
    rest = len(offers) - TITLES_NAMED
    if rest > 0:
        titles.append(ngettext("%(count)d more offer", "%(count)d more offers", rest) % {"count": rest})
    return ", ".join(titles) if titles else _("no offer yet")


def _conditions(terms: CouponTerms) -> Iterator[str]:
    if terms.maximum_minor:
        yield _("At most %(sum)s.") % {"sum": format_money(terms.maximum_minor, terms.currency)}
    if terms.minimum_minor:
        yield _("Only from a sum of %(sum)s on.") % {"sum": format_money(terms.minimum_minor, terms.currency)}


def _who(terms: CouponTerms, person: str, group: str) -> str:
    if terms.audience == Coupon.Audience.CONTACT:
        return _("Only for %(person)s.") % {"person": person or _("one person")}
    if terms.audience == Coupon.Audience.LIST:
        return _("Only for the people of the list “%(list)s”.") % {"list": group or "…"}
    return _("For everybody who knows the code.")


def _how_often(terms: CouponTerms) -> str:
    total, each = terms.max_uses, terms.max_uses_per_contact
    in_all = (
        _("As often as people like in all")
        if total is None
        else ngettext("Once in all", "%(count)d times in all", total) % {"count": total}
    )
    per_person = (
        _("without a limit per person.")
        if each is None
        else ngettext("once per person.", "%(count)d times per person.", each) % {"count": each}
    )
    return f"{in_all}, {per_person}"


def _when(terms: CouponTerms) -> str:
    words = {
        "start": zoned_instant(terms.starts_at) if terms.starts_at else "",
        "end": zoned_end(terms.ends_at) if terms.ends_at else "",
    }
    if terms.starts_at and terms.ends_at:
        return _("From %(start)s until %(end)s.") % words
    if terms.ends_at:
        return _("From now until %(end)s.") % words
    return _("From %(start)s, no expiration.") % words if terms.starts_at else _("From now on, no expiration.")


def warnings(terms: CouponTerms, priced: Sequence[PricedOffer], at: datetime) -> list[str]:
    """What can be saved and will still not do what was meant."""
    return list(_warnings(terms, priced, at))


def _warnings(terms: CouponTerms, priced: Sequence[PricedOffer], at: datetime) -> Iterator[str]:
    if terms.ends_at and terms.ends_at <= at:
        yield _("The end is in the past: nobody will be able to use the coupon.")
    if not terms.for_all_offers and not terms.offer_ids:
        yield _("No offer is chosen: the coupon lowers nothing.")
    elif priced and not any(each.is_lower for each in priced):
        yield _("None of these offers becomes cheaper with this coupon.")
    for each in priced:
        least = smallest_sum(each.offer.currency)
        if least and each.is_lower and 0 < each.total_minor < least:
            yield _("“%(title)s” would cost %(price)s: the way to pay takes %(least)s at least.") % {
                "title": each.offer.title,
                "price": each.after,
                "least": format_money(least, each.offer.currency),
            }
    if _is_easy(terms):
        yield _("The code is easy to guess. For a personal coupon or a large discount keep a suggested one.")


def _is_easy(terms: CouponTerms) -> bool:
    """A word on a poster is meant to be known; a personal code and half the price are not."""
    is_delicate = terms.audience != Coupon.Audience.EVERYONE or (terms.percent_bp or 0) >= 5_000
    try:
        return is_delicate and is_guessable(terms.code)
    except CodeRefused:
        return False
