""" "Why does this code not work?": every rule with what it found, by the engine of the checkout."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contacts.models import Contact
from coupons.eligibility import Reason, RuleName
from coupons.models import Coupon
from coupons.selectors.explaining import Explanation, explain_code
from coupons.staff_sentences import Fix
from kwiga import clock
from offers.models import Offer
from orders.selectors.quote import quote_offer
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory, list_of
from tests.factories.offers import PublishedOfferFactory

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def offer(school: School) -> Offer:
    return PublishedOfferFactory(school=school, price_minor=20_000)


@pytest.fixture
def anna(school: School) -> Contact:
    return ContactFactory(school=school, email="anna@example.test", name="Anna")


def explained(offer: Offer, typed: str, **who: Any) -> Explanation:
    with school_scope(offer.school_id):
        return explain_code(typed=typed, offer=offer, **({"at": clock.now()} | who))


def said(explanation: Explanation) -> dict[RuleName, str]:
    return {finding.check.rule: finding.sentence for finding in explanation.findings}


def failed(explanation: Explanation) -> list[tuple[Reason | None, Fix | None]]:
    return [(finding.check.reason, finding.fix) for finding in explanation.findings if not finding.passed]


def test_a_code_that_works_passes_every_rule_and_shows_the_price(school: School, offer: Offer, anna: Contact) -> None:
    coupon = CouponFactory(school=school, code="WORKS1")
    explanation = explained(offer, "works1", contact=anna)
    assert explanation.works and explanation.coupon == coupon and explanation.told == ""
    assert failed(explanation) == [] and len(explanation.findings) == len(RuleName)
    assert explanation.examined.priced.total_minor == 18_000
    assert said(explanation)[RuleName.LOWERS].replace("\N{NO-BREAK SPACE}", " ") == "It takes UAH 20 off."


def test_everything_that_is_in_the_way_is_told_at_once_with_its_fix(
    school: School, offer: Offer, anna: Contact
) -> None:
    stranger = ContactFactory(school=school, name="Bohdan", email="bohdan@example.test")
    coupon = CouponFactory(
        school=school,
        code="WRONG1",
        audience="contact",
        contact_id=stranger.pk,
        ends_at=NOON,
        for_all_offers=False,
        offer_ids=(PublishedOfferFactory(school=school, title="Plan B", is_listed=False).pk,),
    )
    with school_scope(school):
        Coupon.objects.filter(pk=coupon.pk).update(paused_at=NOON - timedelta(days=1))
    explanation = explained(offer, "WRONG1", contact=anna, at=NOON)
    assert failed(explanation) == [
        (Reason.PAUSED, Fix.RESUME),
        (Reason.NOT_YOURS, Fix.COUPON),
        (Reason.ENDED, Fix.EXTEND),
        (Reason.OTHER_OFFER, Fix.COUPON),
    ]
    sentences = said(explanation)
    assert sentences[RuleName.AUDIENCE] == "It is the personal coupon of Bohdan, not of Anna."
    assert sentences[RuleName.OFFER] == "The coupon is for other offers: “Plan B”."
    assert sentences[RuleName.NOT_ENDED].startswith("It ended on Mar 1, 2026")
    assert explanation.told == "This code is not valid here. Check how it is written."


@pytest.mark.parametrize(
    ("email", "says"),
    [
        ("", "Only for people on the list “Graduates”, and nobody is known until the email is typed."),
        ("new@example.test", "Only for people on the list “Graduates”, and new@example.test is not on it."),
        ("anna@example.test", "anna@example.test is on the list “Graduates”."),
    ],
)
def test_a_list_is_named(school: School, offer: Offer, anna: Contact, email: str, says: str) -> None:
    listed = list_of(school, anna)
    CouponFactory(school=school, code="LISTED1", audience="list", contact_list_id=listed.pk)
    explanation = explained(offer, "LISTED1", email=email)
    assert said(explanation)[RuleName.AUDIENCE] == says
    assert explanation.works == (email == "anna@example.test")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("NOSUCH1", "No coupon of this school has the code “NOSUCH1”."),
        ("SРRING", "No coupon of this school has the code “SРRING”. Letters of different alphabets look alike:"),
        ("a.b", "No coupon of this school has the code “a.b”. A code is made of letters,"),
    ],
)
def test_an_unknown_code_is_told_with_what_is_wrong_in_it(school: School, offer: Offer, typed: str, says: str) -> None:
    explanation = explained(offer, typed)
    assert failed(explanation) == [(Reason.UNKNOWN, Fix.CODES)] and explanation.coupon is None
    assert said(explanation)[RuleName.EXISTS].startswith(says)


def test_the_page_and_the_checkout_say_the_same(school: School, offer: Offer, anna: Contact) -> None:
    CouponFactory(school=school, code="LATER1", starts_at=NOON + timedelta(days=1))
    CouponFactory(school=school, code="BIG1", currency="UAH", minimum_minor=20_001)
    for code in ("LATER1", "BIG1", "NOSUCH1"):
        explanation = explained(offer, code, contact=anna, at=NOON)
        with school_scope(school):
            quote = quote_offer(offer=offer, email=anna.email, at=NOON, code=code)
        assert quote.refusal == explanation.examined.refusal
        assert str(quote.coupon_message) == explanation.told != ""
        assert quote.total_minor == explanation.examined.priced.total_minor == 20_000


def test_another_instant_may_be_asked_about(school: School, offer: Offer) -> None:
    CouponFactory(school=school, code="WINDOW1", starts_at=NOON, ends_at=NOON + timedelta(days=1))
    instants = (NOON - timedelta(days=1), NOON, NOON + timedelta(days=2))
    reasons = [explained(offer, "WINDOW1", at=at).examined.refusal for at in instants]
    assert [check.reason if check else None for check in reasons] == [Reason.STARTS_LATER, None, Reason.ENDED]
