"""Each rule of a coupon on its own: passed or failed, its reason and its facts (C31, C9, K18.4)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupons.eligibility import (
    HIDDEN,
    Check,
    OfferFacts,
    OfferLink,
    Person,
    Reason,
    Rule,
    RuleName,
    Situation,
    examine,
    first_refusal,
    judge,
)
from coupons.pricing import Discount, price

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, INSTANT = timedelta(hours=1), timedelta(microseconds=1)
TEN_PERCENT = Discount(key="1", kind="percent", percent_bp=1_000)
OFFER = OfferFacts(id=7, currency="UAH", list_price_minor=100_000, price_minor=100_000)
PROMO = replace(OFFER, price_minor=80_000, promo_runs=True)
ANNA = Person(is_known=True, contact_id=1)
OTHER_OFFERS = (OfferLink(id=8, title="Plan B", token="B", is_shown=True),)


def rule(**fields: Any) -> Rule:
    return Rule(**({"discount": TEN_PERCENT} | fields))


def discount(**fields: Any) -> Discount:
    return replace(TEN_PERCENT, **fields)


def looked_at(coupon: Rule, offer: OfferFacts = OFFER, person: Person = ANNA, at: datetime = NOON) -> tuple[Check, ...]:
    return examine(coupon, Situation(at=at, offer=offer, person=person))


def failures(checks: tuple[Check, ...]) -> list[Reason | None]:
    return [check.reason for check in checks if not check.passed]


def refusal_of(coupon: Rule, offer: OfferFacts = OFFER, person: Person = ANNA, at: datetime = NOON) -> Reason | None:
    refusal = first_refusal(looked_at(coupon, offer, person, at))
    return refusal.reason if refusal else None


def test_a_coupon_without_rules_works_for_everybody() -> None:
    checks = looked_at(rule(), person=Person())
    assert failures(checks) == [] and first_refusal(checks) is None
    assert [check.rule for check in checks] == list(RuleName)


ALONE: list[tuple[Reason, Rule, OfferFacts, Person]] = [
    (Reason.OFFER_REFUSES, rule(), replace(OFFER, allows_coupons=False), ANNA),
    (Reason.ARCHIVED, rule(archived_at=NOON), OFFER, ANNA),
    (Reason.DRAFT, rule(is_draft=True), OFFER, ANNA),
    (Reason.PAUSED, rule(paused_at=NOON), OFFER, ANNA),
    (Reason.NOT_YOURS, rule(audience="contact", contact_id=2), OFFER, ANNA),
    (Reason.NOT_YOURS, rule(audience="contact", contact_id=2), OFFER, Person(is_known=True)),
    (Reason.NEEDS_PERSON, rule(audience="contact", contact_id=2), OFFER, Person()),
    (Reason.NEEDS_PERSON, rule(audience="list"), OFFER, Person()),
    (Reason.NOT_ON_LIST, rule(audience="list"), OFFER, ANNA),
    (Reason.STARTS_LATER, rule(starts_at=NOON + INSTANT), OFFER, ANNA),
    (Reason.ENDED, rule(ends_at=NOON), OFFER, ANNA),
    (Reason.ENDED, rule(ended_at=NOON), OFFER, ANNA),
    (Reason.OTHER_OFFER, rule(discount=discount(offer_ids=frozenset({8})), offers=OTHER_OFFERS), OFFER, ANNA),
    (Reason.OTHER_OFFER, rule(discount=discount(offer_ids=frozenset())), OFFER, ANNA),
    (Reason.OTHER_CURRENCY, rule(discount=discount(currency="USD", maximum_minor=1)), OFFER, ANNA),
    (Reason.BELOW_MINIMUM, rule(discount=discount(currency="UAH", minimum_minor=100_001)), OFFER, ANNA),
    (Reason.USED_BY_YOU, rule(max_uses_per_contact=1), OFFER, replace(ANNA, confirmed=1)),
    (Reason.USED_BY_YOU, rule(max_uses_per_contact=2), OFFER, replace(ANNA, confirmed=2, held=1, movable=1)),
    (Reason.RESERVED_UNTIL, rule(max_uses_per_contact=1), OFFER, replace(ANNA, held=1, held_until=NOON)),
    (Reason.RESERVED_UNTIL, rule(max_uses=1, uses=1), OFFER, replace(ANNA, held=1, held_until=NOON)),
    (Reason.USED_UP, rule(max_uses=1, uses=1), OFFER, ANNA),
    (Reason.USED_UP, rule(max_uses=5, uses=5), OFFER, replace(ANNA, confirmed=1)),
    (Reason.NOTHING_OFF, rule(), replace(OFFER, list_price_minor=0, price_minor=0), ANNA),
    (Reason.PROMO_IS_BETTER, rule(), PROMO, ANNA),
]


@pytest.mark.parametrize(("reason", "coupon", "offer", "person"), ALONE)
def test_each_rule_fails_alone_with_its_own_reason(
    reason: Reason, coupon: Rule, offer: OfferFacts, person: Person
) -> None:
    assert failures(looked_at(coupon, offer, person)) == [reason]


def test_every_reason_is_met_above() -> None:
    assert {reason for reason, *_rest in ALONE} == set(Reason) - {Reason.UNKNOWN}


def test_an_unknown_code_has_two_checks_and_no_more() -> None:
    checks = examine(None, Situation(at=NOON, offer=OFFER))
    assert [(check.rule, check.reason) for check in checks] == [
        (RuleName.OFFER_TAKES_CODES, None),
        (RuleName.EXISTS, Reason.UNKNOWN),
    ]


def test_the_offers_own_no_is_told_before_anything_about_the_code() -> None:
    shut = replace(OFFER, allows_coupons=False)
    assert {refusal_of(coupon, shut) for coupon in (rule(), rule(is_draft=True))} == {Reason.OFFER_REFUSES}
    unknown = first_refusal(examine(None, Situation(at=NOON, offer=shut)))
    assert unknown is not None and unknown.reason == Reason.OFFER_REFUSES


@pytest.mark.spec("C2: what is told about a code of somebody else hides all the rest")
def test_hidden_reasons_come_before_those_that_tell_something() -> None:
    """A personal code that is over as well tells a stranger neither that it exists nor that it is over."""
    telling = {
        "ends_at": NOON,
        "starts_at": NOON - HOUR,
        "max_uses": 1,
        "uses": 1,
        "discount": discount(offer_ids=frozenset({8}), currency="USD", minimum_minor=1),
    }
    for hiding in (
        {"archived_at": NOON},
        {"is_draft": True},
        {"paused_at": NOON},
        {"audience": "contact", "contact_id": 2},
    ):
        for person in (ANNA, Person(), Person(is_known=True)):
            refusal = first_refusal(looked_at(rule(**telling, **hiding), person=person))
            assert refusal is not None and refusal.is_hidden, hiding
    assert refusal_of(rule(**telling)) == Reason.ENDED


def test_only_these_reasons_are_hidden() -> None:
    hidden = {
        check.reason
        for reason, coupon, offer, person in ALONE
        for check in looked_at(coupon, offer, person)
        if check.is_hidden
    }
    assert hidden == (HIDDEN | {Reason.NEEDS_PERSON}) - {Reason.UNKNOWN}
    listed = first_refusal(looked_at(rule(audience="list"), person=Person()))
    assert listed is not None and listed.reason == Reason.NEEDS_PERSON and not listed.is_hidden


def test_refusals_are_told_in_the_order_of_the_rules() -> None:
    everything = rule(
        is_draft=True,
        archived_at=NOON,
        paused_at=NOON,
        ends_at=NOON,
        audience="list",
        max_uses=1,
        uses=1,
        max_uses_per_contact=1,
        discount=discount(currency="UAH", minimum_minor=100_001),
    )
    assert failures(looked_at(everything, person=replace(ANNA, confirmed=1))) == [
        Reason.ARCHIVED,
        Reason.DRAFT,
        Reason.PAUSED,
        Reason.NOT_ON_LIST,
        Reason.ENDED,
        Reason.BELOW_MINIMUM,
        Reason.USED_BY_YOU,
        Reason.USED_UP,
    ]


# --- The clock ---

ZONES = ["UTC", "Europe/Kyiv", "Asia/Kathmandu", "Pacific/Kiritimati"]


def windows() -> list[Any]:
    """A window in each zone, and windows that begin or end at both hours that Kyiv shows twice."""
    days = [
        (datetime(2026, 3, 1, tzinfo=ZoneInfo(zone)), datetime(2026, 3, 8, tzinfo=ZoneInfo(zone))) for zone in ZONES
    ]
    kyiv = ZoneInfo("Europe/Kyiv")
    first, second = (datetime(2026, 10, 25, 3, 30, fold=fold, tzinfo=kyiv) for fold in (0, 1))
    before, later = datetime(2026, 10, 24, tzinfo=kyiv), datetime(2026, 10, 26, tzinfo=kyiv)
    changes = [(first, second), (before, first), (before, second), (first, later), (second, later)]
    skipped = (datetime(2026, 3, 29, tzinfo=kyiv), datetime(2026, 3, 29, 4, tzinfo=kyiv))
    return [(start.astimezone(UTC), end.astimezone(UTC)) for start, end in [*days, *changes, skipped]]


@pytest.mark.spec("C9: half-open, in each zone and in both folds")
@pytest.mark.parametrize(("start", "end"), windows())
def test_it_counts_from_the_start_to_just_before_the_end(start: datetime, end: datetime) -> None:
    coupon = rule(starts_at=start, ends_at=end)
    assert refusal_of(coupon, at=start - INSTANT) == Reason.STARTS_LATER
    assert refusal_of(coupon, at=start) is None
    assert refusal_of(coupon, at=end - INSTANT) is None
    assert refusal_of(coupon, at=end) == Reason.ENDED


def test_ended_by_hand_is_over_since_then() -> None:
    checks = {check.rule: check for check in looked_at(rule(ended_at=NOON - HOUR, ends_at=NOON + HOUR))}
    ended = checks[RuleName.NOT_ENDED]
    assert ended.facts == {"ended_at": NOON - HOUR, "ends_at": NOON + HOUR, "by_hand": True}
    assert refusal_of(rule(ended_at=NOON + INSTANT)) is None


# --- Uses ---


@pytest.mark.parametrize(
    ("coupon", "person", "reason"),
    [
        (rule(max_uses_per_contact=1), replace(ANNA, held=1, movable=1), None),
        (rule(max_uses_per_contact=2), replace(ANNA, confirmed=1, held=1), Reason.RESERVED_UNTIL),
        (rule(max_uses_per_contact=2), replace(ANNA, confirmed=1, held=1, movable=1), None),
        (rule(max_uses_per_contact=2), replace(ANNA, held=2, movable=1), None),
        (rule(max_uses_per_contact=None), replace(ANNA, confirmed=99, held=9), None),
        (rule(max_uses=3, uses=3), replace(ANNA, held=1, movable=1), None),
        (rule(max_uses=3, uses=2), ANNA, None),
        (rule(max_uses=1, uses=1, max_uses_per_contact=1), replace(ANNA, held=1, movable=1), None),
    ],
)
def test_a_buyers_own_unpaid_uses_never_refuse_that_buyer(coupon: Rule, person: Person, reason: Reason | None) -> None:
    assert refusal_of(coupon, person=person) == reason


# --- Promo price and coupon ---


@pytest.mark.spec("K18.4: the offer's switch decides")
@pytest.mark.parametrize(
    ("offer", "bp", "reason", "total"),
    [
        (PROMO, 1_000, Reason.PROMO_IS_BETTER, 80_000),
        (PROMO, 2_000, Reason.PROMO_IS_BETTER, 80_000),  # equal: no use is spent
        (PROMO, 2_001, None, 79_990),
        (PROMO, 10_000, None, 0),
        (replace(PROMO, coupon_on_promo=True), 1_000, None, 72_000),
        (OFFER, 1_000, None, 90_000),
    ],
)
def test_promo_price_and_coupon(offer: OfferFacts, bp: int, reason: Reason | None, total: int) -> None:
    verdict = judge(rule(discount=discount(percent_bp=bp)), Situation(at=NOON, offer=offer))
    assert (verdict.refusal.reason if verdict.refusal else None) == reason
    assert verdict.priced.total_minor == total


def test_the_minimum_counts_the_price_that_the_coupon_lowers() -> None:
    coupon = rule(discount=discount(percent_bp=5_000, currency="UAH", minimum_minor=90_000))
    assert refusal_of(coupon, PROMO) is None
    assert refusal_of(coupon, replace(PROMO, coupon_on_promo=True)) == Reason.BELOW_MINIMUM


# --- One engine ---

amounts = st.integers(0, 10**12)


@given(
    list_price=amounts,
    promo=st.one_of(st.none(), amounts),
    on_promo=st.booleans(),
    bp=st.integers(100, 10_000),
    maximum=st.one_of(st.none(), amounts),
    minimum=st.one_of(st.none(), amounts),
)
def test_a_coupon_never_makes_anything_dearer(
    list_price: int, promo: int | None, on_promo: bool, bp: int, maximum: int | None, minimum: int | None
) -> None:
    runs = promo is not None and promo < list_price
    offer = OfferFacts(
        id=7,
        currency="UAH",
        list_price_minor=list_price,
        price_minor=promo if runs and promo is not None else list_price,
        promo_runs=runs,
        coupon_on_promo=on_promo,
    )
    coupon = rule(discount=discount(percent_bp=bp, currency="UAH", maximum_minor=maximum, minimum_minor=minimum))
    verdict = judge(coupon, Situation(at=NOON, offer=offer))
    assert 0 <= verdict.priced.total_minor <= offer.price_minor
    assert (verdict.refusal is None) == (verdict.priced.total_minor < offer.price_minor)
    if verdict.refusal is None:
        assert verdict.priced == price(offer.lines(), [coupon.discount], "UAH")
