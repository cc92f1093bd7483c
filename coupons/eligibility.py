"""May this code be used, here and now, by this person? All rules of one coupon, each with the facts behind it. Pure.

The checkout tells the first rule that fails, the team's page "Why does this code not work?" all of them.

What is told to whom (domain.md, "Answers to the buyer"; trust C2): for a code that is unknown, archived, a draft,
paused or somebody else's the buyer hears one and the same sentence, so these rules come first, before any that would
tell something about the code. While nobody is known yet (no email typed, nobody signed in) a personal code belongs to
them as well: the one sentence then ends by asking who one is, for every hidden reason alike (K31.3), so that the asking
tells nothing either. A code for a list is shared: it says that it needs the email, or that the email is not on the
list.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from coupons.pricing import Line, NotGiven, Priced, eligible_lines, fits_currency, missing_minor, price
from coupons.rulebook import HIDDEN, Check, OfferFacts, OfferLink, Person, Reason, Rule, RuleName, Situation
from coupons.status import ended_since

__all__ = [
    "HIDDEN",
    "Check",
    "OfferFacts",
    "OfferLink",
    "Person",
    "Reason",
    "Rule",
    "RuleName",
    "Situation",
    "Verdict",
    "examine",
    "first_refusal",
    "judge",
]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """All checks, the first that fails, and what it costs: with the coupon when none fails, else without."""

    checks: tuple[Check, ...]
    refusal: Check | None
    priced: Priced


def examine(rule: Rule | None, situation: Situation) -> tuple[Check, ...]:
    """Every rule in the order of `RuleName`; for an unknown code (`rule` None) the two that can be told."""
    first = _outcome(RuleName.OFFER_TAKES_CODES, Reason.OFFER_REFUSES, situation.offer.allows_coupons)
    exists = _outcome(RuleName.EXISTS, Reason.UNKNOWN, rule is not None)
    if rule is None:
        return (first, exists)
    return (first, exists, *(check(rule, situation) for check in _CHECKS))


def first_refusal(checks: tuple[Check, ...]) -> Check | None:
    """What the buyer is told."""
    return next((check for check in checks if not check.passed), None)


def judge(rule: Rule | None, situation: Situation) -> Verdict:
    """The checks and the price that follows from them: what quote, preview and the team's page share."""
    checks = examine(rule, situation)
    refusal, offer = first_refusal(checks), situation.offer
    if rule is not None and refusal is None:
        priced = _with_coupon(rule, offer)
    else:
        line = Line(key="offer", unit_minor=offer.price_minor, offer_id=offer.id)
        priced = price([line], [], offer.currency)
    return Verdict(checks=checks, refusal=refusal, priced=priced)


def _with_coupon(rule: Rule, offer: OfferFacts) -> Priced:
    return price(offer.lines(), [rule.discount], offer.currency)


def _outcome(rule: RuleName, reason: Reason, passed: bool, **facts: Any) -> Check:
    return Check(rule=rule, reason=None if passed else reason, facts=facts)


def _not_archived(rule: Rule, situation: Situation) -> Check:
    since = rule.archived_at
    return _outcome(RuleName.NOT_ARCHIVED, Reason.ARCHIVED, since is None, archived_at=since)


def _published(rule: Rule, situation: Situation) -> Check:
    return _outcome(RuleName.PUBLISHED, Reason.DRAFT, not rule.is_draft)


def _not_paused(rule: Rule, situation: Situation) -> Check:
    return _outcome(RuleName.NOT_PAUSED, Reason.PAUSED, rule.paused_at is None, paused_at=rule.paused_at)


def _audience(rule: Rule, situation: Situation) -> Check:
    person = situation.person
    facts = {"audience": rule.audience, "contact_id": rule.contact_id, "is_known": person.is_known}
    is_theirs = {
        "everyone": True,
        "contact": person.contact_id is not None and person.contact_id == rule.contact_id,
        "list": person.is_on_list,
    }[rule.audience]
    if is_theirs:
        return Check(rule=RuleName.AUDIENCE, facts=facts)
    stranger = Reason.NOT_ON_LIST if rule.audience == "list" else Reason.NOT_YOURS
    return Check(rule=RuleName.AUDIENCE, reason=stranger if person.is_known else Reason.NEEDS_PERSON, facts=facts)


def _started(rule: Rule, situation: Situation) -> Check:
    started = rule.starts_at is None or rule.starts_at <= situation.at
    return _outcome(RuleName.STARTED, Reason.STARTS_LATER, started, starts_at=rule.starts_at)


def _not_ended(rule: Rule, situation: Situation) -> Check:
    since = ended_since(rule, situation.at)
    return _outcome(
        RuleName.NOT_ENDED,
        Reason.ENDED,
        since is None,
        ended_at=since,
        ends_at=rule.ends_at,
        by_hand=rule.ended_at is not None and rule.ended_at == since,
    )


def _offer(rule: Rule, situation: Situation) -> Check:
    passed = bool(eligible_lines(rule.discount, situation.offer.lines()))
    is_every = rule.discount.offer_ids is None
    return _outcome(RuleName.OFFER, Reason.OTHER_OFFER, passed, is_every=is_every, offers=rule.offers)


def _currency(rule: Rule, situation: Situation) -> Check:
    discount, wanted = rule.discount, situation.offer.currency
    facts = {"currency": discount.currency, "wanted": wanted, "has_sums": discount.has_sums}
    return _outcome(RuleName.CURRENCY, Reason.OTHER_CURRENCY, fits_currency(discount, wanted), **facts)


def _minimum(rule: Rule, situation: Situation) -> Check:
    """Sums of different currencies are not compared, and what is not eligible has no sum: other rules say so."""
    discount, lines = rule.discount, situation.offer.lines()
    comparable = fits_currency(discount, situation.offer.currency) and eligible_lines(discount, lines)
    missing = missing_minor(discount, lines) if comparable else 0
    facts = {"minimum_minor": discount.minimum_minor, "missing_minor": missing, "currency": situation.offer.currency}
    return _outcome(RuleName.MINIMUM, Reason.BELOW_MINIMUM, missing == 0, **facts)


def _uses_per_person(rule: Rule, situation: Situation) -> Check:
    limit, person = rule.max_uses_per_contact, situation.person
    facts = {"limit": limit, "confirmed": person.confirmed, "held": person.held, "until": person.held_until}
    if limit is None or person.confirmed + person.held_elsewhere < limit:
        return Check(rule=RuleName.USES_PER_PERSON, facts=facts)
    reason = Reason.USED_BY_YOU if person.confirmed >= limit else Reason.RESERVED_UNTIL
    return Check(rule=RuleName.USES_PER_PERSON, reason=reason, facts=facts)


def _uses(rule: Rule, situation: Situation) -> Check:
    """A contact's own unpaid holds never refuse that contact."""
    limit, person = rule.max_uses, situation.person
    facts = {"limit": limit, "uses": rule.uses, "until": person.held_until}
    if limit is None or rule.uses < limit or person.movable:
        return Check(rule=RuleName.USES, facts=facts)
    reason = Reason.RESERVED_UNTIL if person.held_elsewhere else Reason.USED_UP
    return Check(rule=RuleName.USES, reason=reason, facts=facts)


def _lowers(rule: Rule, situation: Situation) -> Check:
    priced = _with_coupon(rule, situation.offer)
    idle = any(refused.reason == NotGiven.NOTHING_OFF for refused in priced.refused)
    facts = {"discount_minor": priced.discount_minor, "currency": situation.offer.currency}
    return _outcome(RuleName.LOWERS, Reason.NOTHING_OFF, not idle, **facts)


def _promo(rule: Rule, situation: Situation) -> Check:
    """Where they exclude each other the lower price wins; when equal the promo does, and no use is spent."""
    offer, priced = situation.offer, _with_coupon(rule, situation.offer)
    facts = {
        "promo_runs": offer.promo_runs,
        "promo_decides": offer.promo_decides,
        "promo_price_minor": offer.price_minor,
        "coupon_price_minor": priced.total_minor,
        "currency": offer.currency,
    }
    loses = offer.promo_decides and bool(priced.applied) and priced.total_minor >= offer.price_minor
    return _outcome(RuleName.PROMO, Reason.PROMO_IS_BETTER, not loses, **facts)


_CHECKS: tuple[Callable[[Rule, Situation], Check], ...] = (
    _not_archived,
    _published,
    _not_paused,
    _audience,
    _started,
    _not_ended,
    _offer,
    _currency,
    _minimum,
    _uses_per_person,
    _uses,
    _lowers,
    _promo,
)
