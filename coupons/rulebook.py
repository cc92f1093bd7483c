"""What the rules of a coupon look at, and what they answer: plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from coupons.pricing import Discount, Line


class Reason(StrEnum):
    """Why a code is refused."""

    OFFER_REFUSES = "offer_refuses"
    UNKNOWN = "unknown"
    ARCHIVED = "archived"
    DRAFT = "draft"
    PAUSED = "paused"
    NOT_YOURS = "not_yours"
    NEEDS_PERSON = "needs_person"
    NOT_ON_LIST = "not_on_list"
    STARTS_LATER = "starts_later"
    ENDED = "ended"
    OTHER_OFFER = "other_offer"
    OTHER_CURRENCY = "other_currency"
    BELOW_MINIMUM = "below_minimum"
    USED_BY_YOU = "used_by_you"
    RESERVED_UNTIL = "reserved_until"
    USED_UP = "used_up"
    NOTHING_OFF = "nothing_off"
    PROMO_IS_BETTER = "promo_is_better"


HIDDEN = frozenset({Reason.UNKNOWN, Reason.ARCHIVED, Reason.DRAFT, Reason.PAUSED, Reason.NOT_YOURS})


class RuleName(StrEnum):
    """The rules, in the order in which refusals are told."""

    OFFER_TAKES_CODES = "offer_takes_codes"
    EXISTS = "exists"
    NOT_ARCHIVED = "not_archived"
    PUBLISHED = "published"
    NOT_PAUSED = "not_paused"
    AUDIENCE = "audience"
    STARTED = "started"
    NOT_ENDED = "not_ended"
    OFFER = "offer"
    CURRENCY = "currency"
    MINIMUM = "minimum"
    USES_PER_PERSON = "uses_per_person"
    USES = "uses"
    LOWERS = "lowers"
    PROMO = "promo"


@dataclass(frozen=True, kw_only=True)
class OfferLink:
    """An offer to name in a sentence; `is_shown` when buyers may be told of it (it stands in the store)."""

    id: int
    title: str
    token: str
    is_shown: bool


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The facts of a coupon. `uses` counts held and confirmed ones of a limited coupon; `offers` are a few to name."""

    discount: Discount
    is_draft: bool = False
    archived_at: datetime | None = None
    ended_at: datetime | None = None
    paused_at: datetime | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    max_uses: int | None = None
    uses: int = 0
    max_uses_per_contact: int | None = None
    audience: str = "everyone"
    contact_id: int | None = None
    offers: tuple[OfferLink, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OfferFacts:
    """An offer at an instant: `price_minor` is what it costs then, a running promo price included."""

    id: int
    currency: str
    list_price_minor: int
    price_minor: int
    promo_runs: bool = False
    coupon_on_promo: bool = False
    allows_coupons: bool = True

    def lines(self) -> list[Line]:
        """What a coupon is taken off: the price without the promo, unless the offer lets it lower that as well."""
        base = self.list_price_minor if self.promo_decides else self.price_minor
        return [Line(key="offer", unit_minor=base, offer_id=self.id)]

    @property
    def promo_decides(self) -> bool:
        """Whether promo price and coupon exclude each other here."""
        return self.promo_runs and not self.coupon_on_promo


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who wants to use it. Nobody is known while no email was typed and nobody signed in.

    `confirmed` and `held` are their uses of this coupon, `movable` those of the held ones whose order was placed in
    this browser or by the contact who is signed in: a newer order takes them over. `held_until` is the end of the
    others.
    """

    is_known: bool = False
    contact_id: int | None = None
    is_on_list: bool = False
    confirmed: int = 0
    held: int = 0
    movable: int = 0
    held_until: datetime | None = None

    @property
    def held_elsewhere(self) -> int:
        return self.held - self.movable


@dataclass(frozen=True, kw_only=True)
class Situation:
    at: datetime
    offer: OfferFacts
    person: Person = Person()


@dataclass(frozen=True, kw_only=True)
class Check:
    """One rule looked at: passed, or the reason of the refusal; with the facts for the sentence either way."""

    rule: RuleName
    reason: Reason | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        return self.reason is None

    @property
    def is_hidden(self) -> bool:
        """Whether the buyer hears no more than that the code is not valid here (C2)."""
        return self.reason in HIDDEN or (self.reason == Reason.NEEDS_PERSON and self.facts["audience"] == "contact")
