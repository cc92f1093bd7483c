"""What the team reads on "Why does this code not work?": each rule with what it found and how to change it.

Written in the language and zone of the moment. Where a fix leads is a `Fix`; the page knows the addresses.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from coupons.eligibility import Check, Reason, RuleName
from kwiga.money import format_money
from kwiga.templatetags.instants import zoned_end, zoned_instant


class Fix(StrEnum):
    """Where the cause can be removed: the list of coupons, the coupon, its actions, the offer, a list, an order."""

    CODES = "codes"
    COUPON = "coupon"
    RESUME = "resume"
    EXTEND = "extend"
    OFFER = "offer"
    LIST = "list"
    ORDERS = "orders"


@dataclass(frozen=True, kw_only=True)
class Names:
    """Whom and what the sentences speak of."""

    typed: str
    why_no_code: str = ""  # what keeps the typed text from being a code at all
    person: str = ""  # who wants to use it
    owner: str = ""  # whose personal coupon it is
    contact_list: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One rule for the page: its name, what it found, and the fix when it failed and something can be done."""

    check: Check
    title: str
    sentence: str
    fix: Fix | None = None
    fix_label: str = ""

    @property
    def passed(self) -> bool:
        return self.check.passed


TITLES: dict[RuleName, Promise] = {
    RuleName.OFFER_TAKES_CODES: gettext_lazy("The offer takes codes"),
    RuleName.EXISTS: gettext_lazy("The code exists"),
    RuleName.NOT_ARCHIVED: gettext_lazy("The coupon is not archived"),
    RuleName.PUBLISHED: gettext_lazy("The coupon is not a draft"),
    RuleName.NOT_PAUSED: gettext_lazy("The coupon is not paused"),
    RuleName.AUDIENCE: gettext_lazy("The person may use it"),
    RuleName.STARTED: gettext_lazy("It has started"),
    RuleName.NOT_ENDED: gettext_lazy("It has not ended"),
    RuleName.OFFER: gettext_lazy("It is for this offer"),
    RuleName.CURRENCY: gettext_lazy("The currencies are the same"),
    RuleName.MINIMUM: gettext_lazy("The price reaches the minimum"),
    RuleName.USES_PER_PERSON: gettext_lazy("The person has a use left"),
    RuleName.USES: gettext_lazy("A use is left in all"),
    RuleName.LOWERS: gettext_lazy("It takes something off"),
    RuleName.PROMO: gettext_lazy("It goes with the promo price"),
}

FIXES: dict[Reason, tuple[Fix, Promise] | None] = {
    Reason.OFFER_REFUSES: (Fix.OFFER, gettext_lazy("Let the offer take codes")),
    Reason.UNKNOWN: (Fix.CODES, gettext_lazy("Look through the coupons")),
    Reason.ARCHIVED: (Fix.CODES, gettext_lazy("Make another coupon")),
    Reason.DRAFT: (Fix.COUPON, gettext_lazy("Publish the coupon")),
    Reason.PAUSED: (Fix.RESUME, gettext_lazy("Resume the coupon")),
    Reason.NOT_YOURS: (Fix.COUPON, gettext_lazy("Change for whom it is")),
    Reason.NEEDS_PERSON: None,
    Reason.NOT_ON_LIST: (Fix.LIST, gettext_lazy("Add the person to the list")),
    Reason.STARTS_LATER: (Fix.COUPON, gettext_lazy("Let it start earlier")),
    Reason.ENDED: (Fix.EXTEND, gettext_lazy("Extend the coupon")),
    Reason.OTHER_OFFER: (Fix.COUPON, gettext_lazy("Add the offer to the coupon")),
    Reason.OTHER_CURRENCY: (Fix.CODES, gettext_lazy("Make a coupon in that currency")),
    Reason.BELOW_MINIMUM: (Fix.COUPON, gettext_lazy("Look at the coupon")),
    Reason.USED_BY_YOU: (Fix.COUPON, gettext_lazy("Allow more uses per person")),
    Reason.RESERVED_UNTIL: (Fix.ORDERS, gettext_lazy("See the unpaid orders")),
    Reason.USED_UP: (Fix.COUPON, gettext_lazy("Allow more uses")),
    Reason.NOTHING_OFF: None,
    Reason.PROMO_IS_BETTER: (Fix.OFFER, gettext_lazy("Let coupons lower the promo price")),
}


def finding_of(check: Check, names: Names) -> Finding:
    """What to show of a check."""
    fix = FIXES[check.reason] if check.reason else None
    if check.reason == Reason.ENDED and check.facts["by_hand"]:
        # End is for good (C30).
        fix = FIXES[Reason.ARCHIVED]
    return Finding(
        check=check,
        title=str(TITLES[check.rule]),
        sentence=_SENTENCES[check.rule](check, names),
        fix=fix[0] if fix else None,
        fix_label=str(fix[1]) if fix else "",
    )


def _takes_codes(check: Check, names: Names) -> str:
    return _("Codes can be used for this offer.") if check.passed else _("The offer is set to take no codes.")


def _exists(check: Check, names: Names) -> str:
    if check.passed:
        return _("“%(code)s” is a code of this school.") % {"code": names.typed}
    words = _("No coupon of this school has the code “%(code)s”.") % {"code": names.typed}
    return f"{words} {names.why_no_code}".strip()


def _not_archived(check: Check, names: Names) -> str:
    if check.passed:
        return _("The coupon is not in the archive.")
    return _("Archived since %(since)s; that is for good.") % {"since": zoned_instant(check.facts["archived_at"])}


def _published(check: Check, names: Names) -> str:
    return _("The coupon is published.") if check.passed else _("The coupon is a draft: nobody can use it yet.")


def _not_paused(check: Check, names: Names) -> str:
    if check.passed:
        return _("The coupon is not paused.")
    return _("Paused since %(since)s.") % {"since": zoned_instant(check.facts["paused_at"])}


def _audience(check: Check, names: Names) -> str:
    audience, words = (
        check.facts["audience"],
        {"person": names.person, "owner": names.owner, "list": names.contact_list},
    )
    if audience == "everyone":
        return _("The coupon is for everybody who knows the code.")
    if check.reason == Reason.NEEDS_PERSON:
        if audience == "list":
            return _("Only for people on the list “%(list)s”, and nobody is known until the email is typed.") % words
        return _("Only for %(owner)s, and nobody is known until the email is typed.") % words
    if audience == "list":
        if check.passed:
            return _("%(person)s is on the list “%(list)s”.") % words
        return _("Only for people on the list “%(list)s”, and %(person)s is not on it.") % words
    if check.passed:
        return _("It is the personal coupon of %(owner)s.") % words
    return _("It is the personal coupon of %(owner)s, not of %(person)s.") % words


def _started(check: Check, names: Names) -> str:
    starts_at = check.facts["starts_at"]
    if starts_at is None:
        return _("It has no start.")
    words = {"start": zoned_instant(starts_at)}
    return _("It can be used since %(start)s.") % words if check.passed else _("It starts on %(start)s.") % words


def _not_ended(check: Check, names: Names) -> str:
    if not check.passed:
        words = {"end": zoned_end(check.facts["ended_at"])}
        return (
            _("It was ended by hand on %(end)s.") % words
            if check.facts["by_hand"]
            else _("It ended on %(end)s.") % words
        )
    ends_at = check.facts["ends_at"]
    return _("It ends on %(end)s.") % {"end": zoned_end(ends_at)} if ends_at else _("It has no end.")


def _offer(check: Check, names: Names) -> str:
    if check.facts["is_every"]:
        return _("It is for all offers that take codes.")
    if check.passed:
        return _("The offer is among those of the coupon.")
    titles = ", ".join(f"“{offer.title}”" for offer in check.facts["offers"])
    if not titles:
        return _("The coupon is for chosen offers, and none is chosen.")
    return _("The coupon is for other offers: %(titles)s.") % {"titles": titles}


def _currency(check: Check, names: Names) -> str:
    if not check.facts["has_sums"]:
        return _("A bare percentage goes with every currency.")
    if check.passed:
        return _("Coupon and offer are in %(currency)s.") % check.facts
    return _("The coupon is in %(currency)s, the offer in %(wanted)s.") % check.facts


def _minimum(check: Check, names: Names) -> str:
    minimum, currency = check.facts["minimum_minor"], check.facts["currency"]
    if minimum is None:
        return _("The coupon asks for no minimum.")
    if check.passed:
        return _("The minimum of the coupon is not in the way.")
    return _("The coupon counts from %(minimum)s, and %(missing)s is missing.") % {
        "minimum": format_money(minimum, currency),
        "missing": format_money(check.facts["missing_minor"], currency),
    }


def _uses_per_person(check: Check, names: Names) -> str:
    facts = check.facts
    if facts["limit"] is None:
        return _("Each person may use it without limit.")
    used = ngettext("%(count)s use is allowed per person", "%(count)s uses are allowed per person", facts["limit"]) % {
        "count": facts["limit"]
    }
    counted = _("used: %(confirmed)s, held by unpaid orders: %(held)s") % facts
    return f"{used}; {counted}{_until(check)}."


def _uses(check: Check, names: Names) -> str:
    facts = check.facts
    if facts["limit"] is None:
        return _("The coupon may be used without limit.")
    allowed = ngettext("%(count)s use is allowed in all", "%(count)s uses are allowed in all", facts["limit"]) % {
        "count": facts["limit"]
    }
    counted = _("used or held: %(uses)s") % facts
    return f"{allowed}; {counted}{_until(check)}."


def _until(check: Check) -> str:
    if check.reason != Reason.RESERVED_UNTIL:
        return ""
    return _(", until %(until)s by an unpaid order of this person") % {"until": zoned_instant(check.facts["until"])}


def _lowers(check: Check, names: Names) -> str:
    if not check.passed:
        return _("There is nothing to take off: the price is zero, or the discount less than the smallest coin.")
    off = format_money(check.facts["discount_minor"], check.facts["currency"])
    if not check.facts["discount_minor"]:
        return _("What it takes off follows when the rules above are met.")
    return _("It takes %(off)s off.") % {"off": off}


def _promo(check: Check, names: Names) -> str:
    facts = check.facts
    if not facts["promo_runs"]:
        return _("No promo price is running.")
    if not facts["promo_decides"]:
        return _("A promo price is running, and the offer lets coupons lower it.")
    words = {
        "promo": format_money(facts["promo_price_minor"], facts["currency"]),
        "coupon": format_money(facts["coupon_price_minor"], facts["currency"]),
    }
    if check.passed:
        return _("The better one counts: the promo price is %(promo)s, with the coupon it is %(coupon)s.") % words
    return _("The promo price of %(promo)s is no higher than %(coupon)s with the coupon, so it counts.") % words


_SENTENCES: Mapping[RuleName, Callable[[Check, Names], str]] = {
    RuleName.OFFER_TAKES_CODES: _takes_codes,
    RuleName.EXISTS: _exists,
    RuleName.NOT_ARCHIVED: _not_archived,
    RuleName.PUBLISHED: _published,
    RuleName.NOT_PAUSED: _not_paused,
    RuleName.AUDIENCE: _audience,
    RuleName.STARTED: _started,
    RuleName.NOT_ENDED: _not_ended,
    RuleName.OFFER: _offer,
    RuleName.CURRENCY: _currency,
    RuleName.MINIMUM: _minimum,
    RuleName.USES_PER_PERSON: _uses_per_person,
    RuleName.USES: _uses,
    RuleName.LOWERS: _lowers,
    RuleName.PROMO: _promo,
}
