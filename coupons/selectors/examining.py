"""A typed code looked at with everything the school knows: one statement, whatever comes out (trust C2)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contacts.models import Contact
from coupons.eligibility import Check, OfferFacts, Person, Rule, Situation, Verdict, judge
from coupons.models import Coupon, CouponCode
from coupons.pricing import Discount, Line, Priced, price
from coupons.selectors.reading import FoundCode, is_known, read_code
from offers.models import Offer


class Terms(Protocol):
    """What a discount is made of: a Coupon, or the terms on a form."""

    @property
    def kind(self) -> str: ...
    @property
    def percent_bp(self) -> int | None: ...
    @property
    def amount_minor(self) -> int | None: ...
    @property
    def currency(self) -> str: ...
    @property
    def maximum_minor(self) -> int | None: ...
    @property
    def minimum_minor(self) -> int | None: ...


@dataclass(frozen=True, kw_only=True)
class Examined:
    """The coupon behind a code (None when unknown), all checks, the first that failed, and the price that follows."""

    coupon: Coupon | None
    code: CouponCode | None
    verdict: Verdict
    person: Person

    @property
    def checks(self) -> tuple[Check, ...]:
        return self.verdict.checks

    @property
    def refusal(self) -> Check | None:
        return self.verdict.refusal

    @property
    def priced(self) -> Priced:
        return self.verdict.priced

    @property
    def wants_person(self) -> bool:
        """Whether saying who one is could help; the same for a code that is not there (C2, K31.3)."""
        reason = self.refusal
        return reason is not None and not self.person.is_known and (reason.is_hidden or reason.reason == "needs_person")


@dataclass(frozen=True, kw_only=True)
class Preview:
    """An offer before and after a coupon, in minor units of the offer's currency."""

    offer: Offer
    before_minor: int
    verdict: Verdict

    @property
    def after_minor(self) -> int:
        return self.verdict.priced.total_minor

    @property
    def refusal(self) -> Check | None:
        """Why the price stays as it is; None when the coupon lowers it."""
        return self.verdict.refusal


def examine_code(
    *,
    typed: str,
    offer: Offer,
    contact: Contact | None = None,
    email: str = "",
    at: datetime,
    own_orders: Collection[str] = (),
) -> Examined:
    """The code as it stands for that offer, person and instant, in the open scope; one statement.

    `contact` is who signed in; without one `email` is what was typed. `own_orders` are the numbers of the orders placed
    in this browser, whose unpaid uses a new order takes over.
    """
    found = read_code(typed=typed, offer=offer, contact=contact, email=email, own_orders=own_orders)
    person = found.person if found else Person(is_known=is_known(contact, email))
    rule = _rule(found, offer) if found else None
    verdict = judge(rule, Situation(at=at, offer=offer_facts(offer, at), person=person))
    return Examined(
        coupon=found.coupon if found else None, code=found.code if found else None, verdict=verdict, person=person
    )


def offer_facts(offer: Offer, at: datetime) -> OfferFacts:
    """What the rules ask of an offer at an instant."""
    return OfferFacts(
        id=offer.pk,
        currency=offer.currency,
        list_price_minor=offer.price_minor,
        price_minor=offer.price_at(at),
        promo_runs=offer.promo_runs(at),
        coupon_on_promo=offer.coupon_on_promo,
        allows_coupons=offer.allows_coupons,
    )


def discount_of(terms: Terms, *, key: str = "coupon", offer_ids: frozenset[int] | None = None) -> Discount:
    """The terms as `coupons.pricing` takes them; `offer_ids` None for every offer."""
    return Discount(
        key=key,
        kind=terms.kind,
        percent_bp=terms.percent_bp,
        amount_minor=terms.amount_minor,
        currency=terms.currency,
        maximum_minor=terms.maximum_minor,
        minimum_minor=terms.minimum_minor,
        offer_ids=offer_ids,
    )


def preview(terms: Terms, offer: Offer, at: datetime) -> Preview:
    """What a buyer of that offer would pay with such a coupon, were it open to everybody: for forms. No statement.

    Raises ValueError for terms without a size.
    """
    verdict = judge(Rule(discount=discount_of(terms)), Situation(at=at, offer=offer_facts(offer, at)))
    return Preview(offer=offer, before_minor=offer.price_at(at), verdict=verdict)


def without_code(offer: Offer, at: datetime) -> Examined:
    """The same answer for no code at all: what the offer costs. No statement."""
    facts = offer_facts(offer, at)
    line = Line(key="offer", unit_minor=facts.price_minor, offer_id=facts.id)
    verdict = Verdict(checks=(), refusal=None, priced=price([line], [], facts.currency))
    return Examined(coupon=None, code=None, verdict=verdict, person=Person())


def _rule(found: FoundCode, offer: Offer) -> Rule:
    coupon = found.coupon
    chosen = None if coupon.for_all_offers else frozenset({offer.pk} if found.is_chosen else ())
    return Rule(
        discount=discount_of(coupon, key=str(coupon.pk), offer_ids=chosen),
        is_draft=coupon.is_draft,
        archived_at=coupon.archived_at,
        ended_at=coupon.ended_at,
        paused_at=coupon.paused_at,
        starts_at=coupon.starts_at,
        ends_at=coupon.ends_at,
        max_uses=coupon.max_uses,
        uses=coupon.uses,
        max_uses_per_contact=coupon.max_uses_per_contact,
        audience=coupon.audience,
        contact_id=coupon.contact_id,
        offers=found.offers,
    )
