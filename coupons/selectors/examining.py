"""A typed code looked at with everything the school knows: one statement, whatever comes out (trust C2)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, BooleanField, Case, Exists, Expression, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import JSONObject

from contacts.emails import normalize_email
from contacts.models import Contact, ContactListMember
from coupons.codes import CodeRefused, code_key
from coupons.eligibility import Check, OfferFacts, OfferLink, Person, Rule, Situation, Verdict, judge
from coupons.models import Coupon, CouponCode, CouponOffer, Redemption
from coupons.pricing import Discount, Line, Priced, price
from offers.models import Offer

NAMED_OFFERS = 5  # so many are named in a sentence


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
    found = _read(typed, offer, contact, email, own_orders)
    is_known = contact is not None or bool(normalize_email(email))
    person = _person(found, contact, is_known=is_known)
    rule = _rule(found, offer) if found else None
    verdict = judge(rule, Situation(at=at, offer=offer_facts(offer, at), person=person))
    return Examined(coupon=found.coupon if found else None, code=found, verdict=verdict, person=person)


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


def _read(
    typed: str, offer: Offer, contact: Contact | None, email: str, own_orders: Collection[str]
) -> CouponCode | None:
    try:
        key = code_key(typed)
    except CodeRefused:
        return None
    codes: Any = CouponCode.objects.select_related("coupon").annotate(who=_who(contact, email))
    codes = codes.annotate(
        is_chosen=Exists(CouponOffer.objects.filter(coupon=OuterRef("coupon"), offer=offer.pk)),
        chosen=_chosen_offers(),
        is_on_list=Exists(
            ContactListMember.objects.filter(contact_list=OuterRef("coupon__contact_list"), contact=OuterRef("who"))
        ),
        own_uses=_own_uses(own_orders),
    )
    found: list[CouponCode] = list(codes.filter(code_key=key)[:1])
    return found[0] if found else None


def _who(contact: Contact | None, email: str) -> Any:
    if contact is not None:
        return Value(contact.pk, BigIntegerField())
    known = normalize_email(email)
    if not known:
        return Value(None, BigIntegerField())
    return Subquery(Contact.objects.filter(email=known).values("pk")[:1])


def _chosen_offers() -> ArraySubquery:
    """A few of the chosen offers, those first that buyers may be told of."""
    is_shown = Q(offer__status=Offer.Status.PUBLISHED, offer__is_listed=True, offer__allows_coupons=True)
    rows = CouponOffer.objects.filter(coupon=OuterRef("coupon")).annotate(
        is_shown=Case(When(is_shown, then=True), default=False, output_field=BooleanField())
    )
    row: Any = JSONObject(id="offer_id", title="offer__title", token="offer__token", is_shown="is_shown")  # noqa: S106
    return ArraySubquery(rows.order_by("-is_shown", "id").values_list(row)[:NAMED_OFFERS])


def _own_uses(own_orders: Collection[str]) -> ArraySubquery:
    uses = Redemption.objects.filter(
        coupon=OuterRef("coupon"), contact=OuterRef("who"), state__in=Redemption.COUNTED
    ).annotate(is_own=_is_own(own_orders))
    row: Any = JSONObject(id="id", state="state", until="held_until", is_own="is_own")
    return ArraySubquery(uses.values_list(row))


def _is_own(own_orders: Collection[str]) -> Expression:
    """Whether the use belongs to one of these orders; a use that moved has a row for each."""
    if not own_orders:
        return Value(False)
    return Case(When(order_discounts__order__number__in=own_orders, then=True), default=False)


def _person(found: Any, contact: Contact | None, *, is_known: bool) -> Person:
    if found is None:
        return Person(is_known=is_known)
    uses = {row["id"]: row for row in sorted(found.own_uses, key=lambda row: row["is_own"])}
    held = [row for row in uses.values() if row["state"] == Redemption.State.HELD]
    elsewhere = [] if contact else [row for row in held if not row["is_own"]]
    return Person(
        is_known=is_known,
        contact_id=found.who,
        is_on_list=found.is_on_list,
        confirmed=len(uses) - len(held),
        held=len(held),
        movable=len(held) - len(elsewhere),
        held_until=max((datetime.fromisoformat(row["until"]) for row in elsewhere), default=None),
    )


def _rule(found: Any, offer: Offer) -> Rule:
    coupon: Coupon = found.coupon
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
        offers=tuple(OfferLink(**row) for row in found.chosen),
    )
