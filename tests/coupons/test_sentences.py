"""Every refusal and every finding can be said, with its way out and in no words of the code."""

from dataclasses import replace

import pytest
from django.utils import timezone, translation

from coupons.eligibility import Check, Person, Reason, RuleName, Situation, examine
from coupons.pricing import NotGiven
from coupons.sentences import lazy_refusal, refusal_sentence
from coupons.staff_sentences import FIXES, TITLES, Names, finding_of
from tests.coupons.test_eligibility import (
    ALONE,
    ANNA,
    HOUR,
    NOON,
    OFFER,
    OTHER_OFFERS,
    PROMO,
    discount,
    looked_at,
    rule,
)

NAMES = Names(typed="SPRING", person="Anna", owner="Bohdan", contact_list="Graduates")
UNKNOWN = examine(None, Situation(at=NOON, offer=OFFER))[1]


def failing(reason: Reason) -> Check:
    if reason == Reason.UNKNOWN:
        return UNKNOWN
    coupon, offer, person = next(rest for its, *rest in ALONE if its == reason)
    return next(check for check in looked_at(coupon, offer, person) if not check.passed)


@pytest.mark.parametrize("language", ["en", "uk", "pl"])
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_sentences(reason: Reason, language: str) -> None:
    check = failing(reason)
    with translation.override(language), timezone.override("Europe/Kyiv"):
        told = refusal_sentence(check, is_known=True)
        finding = finding_of(check, NAMES)
    for sentence in (told, finding.sentence, finding.title):
        assert sentence and "%(" not in sentence and "None" not in sentence and "_" not in sentence
    assert reason in FIXES and bool(finding.fix) == bool(finding.fix_label)


def test_every_rule_can_say_that_it_is_met() -> None:
    findings = [finding_of(check, NAMES) for check in looked_at(rule())]
    assert [finding.check.rule for finding in findings] == list(RuleName) == list(TITLES)
    assert all(finding.passed and finding.sentence and not finding.fix for finding in findings)


def test_pricing_and_the_rules_use_the_same_words() -> None:
    both = set(NotGiven) & set(Reason)
    assert {str(reason) for reason in both} == set(NotGiven) - {NotGiven.BETTER_IN_GROUP, NotGiven.REPEATED}


@pytest.mark.parametrize(
    ("check", "says"),
    [
        (looked_at(rule(starts_at=NOON + HOUR))[6], "This code can be used from Mar 1, 2026, 15:00 (Kyiv)."),
        (looked_at(rule(ends_at=NOON))[7], "This code could be used until Mar 1, 2026, 14:00 (Kyiv)."),
        (
            looked_at(rule(ends_at=NOON.replace(month=2, day=28, hour=22)))[7],
            "This code could be used until Feb 28, 2026, 23:59 (Kyiv).",
        ),
        (
            looked_at(rule(discount=discount(offer_ids=frozenset({8})), offers=OTHER_OFFERS))[8],
            "This code is for other offers: “Plan B”.",
        ),
        (
            looked_at(
                rule(discount=discount(offer_ids=frozenset({8})), offers=(replace(OTHER_OFFERS[0], is_shown=False),))
            )[8],
            "This code is for other offers.",
        ),
        (
            looked_at(rule(discount=discount(currency="USD", maximum_minor=1)))[9],
            "This code is for prices in USD, and this one is in UAH.",
        ),
        (
            looked_at(rule(discount=discount(currency="UAH", minimum_minor=150_050)))[10],
            "This code counts from UAH 1,500.50; UAH 500.50 is missing.",
        ),
        (
            looked_at(rule(max_uses_per_contact=1), person=replace(ANNA, confirmed=1))[11],
            "This code can be used once per person, and you have used it.",
        ),
        (
            looked_at(rule(max_uses_per_contact=3), person=replace(ANNA, confirmed=3))[11],
            "This code can be used 3 times per person, and you have used it that often.",
        ),
        (
            looked_at(rule(max_uses_per_contact=1), person=replace(ANNA, held=1, held_until=NOON))[11],
            "This code is reserved until Mar 1, 2026, 14:00 (Kyiv) by an unpaid order for this email."
            " Pay for that order, or wait.",
        ),
        (
            looked_at(rule(), PROMO)[14],
            "The promo price of UAH 800 is lower than UAH 900 with the code. The code stays unused.",
        ),
        (
            looked_at(rule(discount=discount(percent_bp=2_000)), PROMO)[14],
            "The promo price is UAH 800, as much as with the code. The code stays unused.",
        ),
    ],
)
def test_a_shared_code_says_why_and_the_way_out(check: Check, says: str) -> None:
    with timezone.override("Europe/Kyiv"):
        assert refusal_sentence(check, is_known=True).replace("\N{NO-BREAK SPACE}", " ") == says


@pytest.mark.spec("C2: one sentence for all that is hidden")
def test_hidden_reasons_are_one_sentence_that_asks_only_while_nobody_is_known() -> None:
    hidden = [failing(reason) for reason in (Reason.UNKNOWN, Reason.ARCHIVED, Reason.DRAFT, Reason.PAUSED)]
    theirs = rule(audience="contact", contact_id=2)
    known = {refusal_sentence(check, is_known=True) for check in [*hidden, looked_at(theirs)[5]]}
    nobody = {refusal_sentence(check, is_known=False) for check in [*hidden, looked_at(theirs, person=Person())[5]]}
    assert len(known) == len(nobody) == 1 and known != nobody
    assert "enter your email or sign in" in nobody.pop()


def test_a_sentence_is_written_in_the_language_of_the_page() -> None:
    sentence = lazy_refusal(UNKNOWN, is_known=True)
    with translation.override("uk"):
        told = str(sentence)
    assert told != str(sentence) == refusal_sentence(UNKNOWN, is_known=True)


def test_what_was_ended_by_hand_is_not_to_be_extended() -> None:
    by_hand, by_clock = (finding_of(looked_at(rule(**{name: NOON}))[7], NAMES) for name in ("ended_at", "ends_at"))
    assert (by_hand.fix, by_clock.fix) == ("codes", "extend")
    assert "by hand" in by_hand.sentence and "by hand" not in by_clock.sentence
