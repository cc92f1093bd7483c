"""What people are told about a code: buyers why it is refused, the team what each rule found.

Written when read, in the language and zone of that moment; an instant is named with the city whose time it is.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coupons.eligibility import Check, Reason
from kwiga.money import format_money
from kwiga.templatetags.instants import zoned_end, zoned_instant


def refusal_sentence(check: Check, *, is_known: bool) -> str:
    """Why the code is refused and the way out, for the buyer; one and the same for all hidden reasons (C2).

    `is_known` says whether a person is known: until then the hidden sentence asks who one is.
    """
    if check.reason is None:
        return ""
    if check.is_hidden:
        return _hidden(is_known=is_known)
    return _SENTENCES[check.reason](check.facts)


def lazy_refusal(check: Check, *, is_known: bool) -> str:
    """The same as a lazy string, written in the language of the page that shows it."""
    return _lazy_refusal(check, is_known=is_known)


def _hidden(*, is_known: bool) -> str:
    nothing = _("This code is not valid here. Check how it is written.")
    return nothing if is_known else f"{nothing} {_('If it was given to you, enter your email or sign in.')}"


def _needs_person(facts: Mapping[str, Any]) -> str:
    return _("This code is for a group of people. Enter your email or sign in, so that it can be checked.")


def _starts_later(facts: Mapping[str, Any]) -> str:
    return _("This code can be used from %(start)s.") % {"start": zoned_instant(facts["starts_at"])}


def _ended(facts: Mapping[str, Any]) -> str:
    return _("This code could be used until %(end)s.") % {"end": zoned_end(facts["ended_at"])}


def _other_offer(facts: Mapping[str, Any]) -> str:
    titles = [offer.title for offer in facts["offers"] if offer.is_shown]
    if not titles:
        return _("This code is for other offers.")
    return _("This code is for other offers: %(titles)s.") % {"titles": ", ".join(f"“{title}”" for title in titles)}


def _other_currency(facts: Mapping[str, Any]) -> str:
    return _("This code is for prices in %(currency)s, and this one is in %(wanted)s.") % facts


def _below_minimum(facts: Mapping[str, Any]) -> str:
    return _("This code counts from %(minimum)s; %(missing)s is missing.") % {
        "minimum": format_money(facts["minimum_minor"], facts["currency"]),
        "missing": format_money(facts["missing_minor"], facts["currency"]),
    }


def _used_by_you(facts: Mapping[str, Any]) -> str:
    limit = facts["limit"]
    words = ngettext(
        "This code can be used once per person, and you have used it.",
        "This code can be used %(limit)s times per person, and you have used it that often.",
        limit,
    )
    return words % {"limit": limit}


def _reserved(facts: Mapping[str, Any]) -> str:
    return _(
        "This code is reserved until %(until)s by an unpaid order for this email. Pay for that order, or wait."
    ) % {"until": zoned_instant(facts["until"])}


def _promo_is_better(facts: Mapping[str, Any]) -> str:
    words = {
        "promo": format_money(facts["promo_price_minor"], facts["currency"]),
        "coupon": format_money(facts["coupon_price_minor"], facts["currency"]),
    }
    if facts["promo_price_minor"] == facts["coupon_price_minor"]:
        return _("The promo price is %(promo)s, as much as with the code. The code stays unused.") % words
    return _("The promo price of %(promo)s is lower than %(coupon)s with the code. The code stays unused.") % words


_SENTENCES = {
    Reason.OFFER_REFUSES: lambda facts: _("Codes cannot be used for this offer."),
    Reason.NEEDS_PERSON: _needs_person,
    Reason.NOT_ON_LIST: lambda facts: _(
        "This code is for a group of people, and this email is not among theirs. Enter the one the school knows."
    ),
    Reason.STARTS_LATER: _starts_later,
    Reason.ENDED: _ended,
    Reason.OTHER_OFFER: _other_offer,
    Reason.OTHER_CURRENCY: _other_currency,
    Reason.BELOW_MINIMUM: _below_minimum,
    Reason.USED_BY_YOU: _used_by_you,
    Reason.RESERVED_UNTIL: _reserved,
    Reason.USED_UP: lambda facts: _("This code has been used as often as it could be."),
    Reason.NOTHING_OFF: lambda facts: _("This code takes nothing off this price."),
    Reason.PROMO_IS_BETTER: _promo_is_better,
}

_lazy_refusal = lazy(refusal_sentence, str)
