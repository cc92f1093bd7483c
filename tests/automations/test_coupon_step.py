"""The step that makes a coupon: personal, of the size and with the code that was said, once for each run (P3)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from automations.actions.coupons import code_from, possible_codes
from automations.errors import NotReady
from coupons.codes import ALPHABET
from coupons.services.errors import CodeTaken
from kwiga import clock
from orders.errors import CouponRefused
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory, mail, percent_coupon
from tests.factories.coupons import CouponFactory
from tests.factories.orders import placed, sold_offer
from tests.support.automations import coupons, mails, runs, steps
from tests.support.rewards import NOON, code, price, rewarded

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])

KYIV = ZoneInfo("Europe/Kyiv")
SECOND = timedelta(seconds=1)


@pytest.mark.spec("P3.1: two contacts, two codes, each works for its owner only")
@pytest.mark.spec("K33.4: another person's use of the personal code is refused")
def test_each_contact_gets_a_code_that_works_for_its_owner_alone(school):
    offer = sold_offer(school)
    first, second = rewarded(school, "one@example.test", "two@example.test")
    assert code(first) != code(second)
    for coupon, owner, other in ((first, "one", "two"), (second, "two", "one")):
        assert price(offer, coupon, f"{owner}@example.test")[0] == 102_000
        assert price(offer, coupon, f"{other}@example.test")[0] == 120_000
        with pytest.raises(CouponRefused), clock.at(NOON):
            placed(offer, email=f"{other}@example.test", code=code(coupon), shown_total_minor=102_000)


@pytest.mark.spec("P3.2: valid 7 days from creation to the minute")
@pytest.mark.parametrize(
    ("when", "ends"),
    [
        (NOON, datetime(2027, 2, 17, 12, 0, tzinfo=KYIV)),
        (datetime(2027, 3, 25, 9, 30, tzinfo=KYIV), datetime(2027, 4, 1, 9, 30, tzinfo=KYIV)),
        (datetime(2027, 10, 28, 9, 30, tzinfo=KYIV), datetime(2027, 11, 4, 9, 30, tzinfo=KYIV)),
    ],
)
def test_valid_for_seven_days_of_the_calendar(school, when, ends):
    offer = sold_offer(school)
    (coupon,) = rewarded(school, when=when.astimezone(UTC))
    assert coupon.ends_at == ends
    assert price(offer, coupon, "olena@example.test", when=ends - SECOND)[0] == 102_000
    assert price(offer, coupon, "olena@example.test", when=ends)[0] == 120_000


@pytest.mark.spec("P3.5: in the list with the automation as author")
def test_it_is_listed_with_the_automation_as_author(school):
    (coupon,) = rewarded(school)
    assert (coupon.made_by, coupon.created_by, coupon.max_uses) == ("Bonus", None, 1)


def test_fixed_sum_until_a_day_for_chosen_offers(school):
    offer, other = sold_offer(school), sold_offer(school)
    (coupon,) = rewarded(
        school,
        size="fixed",
        amount_minor=5_000,
        currency="UAH",
        percent_bp=None,
        valid="until",
        valid_until="2027-02-20",
        offers="chosen",
        offer_tokens=[offer.token],
        max_uses=None,
        comment="For the first lesson",
    )
    assert coupon.ends_at == datetime(2027, 2, 21, 0, 0, tzinfo=KYIV)
    assert (coupon.max_uses, coupon.comment) == (None, "For the first lesson")
    assert price(offer, coupon, "olena@example.test")[0] == 115_000
    assert price(other, coupon, "olena@example.test")[0] == 120_000


def test_a_coupon_for_everybody_and_for_ever(school):
    offer = sold_offer(school)
    (coupon,) = rewarded(school, personal=False, valid="forever", max_uses=None, maximum_minor=1_000, currency="UAH")
    assert (coupon.audience, coupon.contact_id, coupon.ends_at) == ("everyone", None, None)
    assert price(offer, coupon, "anybody@example.test")[0] == 119_000


def test_a_day_that_is_over_by_then_fails_the_step(school):
    with clock.at(NOON):
        automation = AutomationFactory(school=school, steps=(percent_coupon(valid="until", valid_until="2027-02-20"),))
    rewarded(school, when=NOON + timedelta(days=30), automation=automation)
    assert steps(school) == [(0, "failed", "coupon_over")]
    assert runs(school) == [("failed", "coupon_over")]


# --- Patterns ---


@pytest.mark.spec("P3.4: a pattern too short is refused with the number of possible codes")
def test_a_pattern_that_runs_out_is_refused_with_its_number(school):
    with pytest.raises(NotReady) as refused:
        AutomationFactory(school=school, steps=(percent_coupon(code="pattern", pattern="BDAY-##"),))
    (problem,) = refused.value.problems
    assert problem.step_position == 0
    assert "961" in problem.sentence
    assert possible_codes("BDAY-##") == 961


@pytest.mark.spec("D2: what is no code is no pattern of codes")
@pytest.mark.parametrize(
    "pattern",
    [
        *("", "-", "BD?Y-######", "АBC-######", "{{ contact.name }}-######", "{0.__class__}######"),
        *("%s-######", "${X}-######", "<b>######", "=CMD-######", "{% debug %}######"),
    ],
)
def test_a_pattern_that_makes_no_codes_is_refused(school, pattern):
    with pytest.raises(NotReady):
        AutomationFactory(school=school, steps=(percent_coupon(code="pattern", pattern=pattern),))


def test_a_code_of_the_own_pattern(school):
    (coupon,) = rewarded(school, code="pattern", pattern="BDAY-######")
    assert code(coupon).startswith("BDAY-")
    assert len(code(coupon)) == 11
    assert len({code_from("####") for _draw in range(20)}) > 1


@pytest.mark.spec("C35.2: an exhausted pool is logged, and no success is told")
def test_a_pattern_whose_codes_are_all_taken_says_so(school):
    """All thirty-one codes of a pattern with one sign are taken."""
    with clock.at(NOON):
        said = (percent_coupon(code="pattern", pattern="N#######"), mail("Here it is: {{ coupon.code }}"))
        automation = AutomationFactory(school=school, steps=said)
        with school_scope(school):
            step = automation.versions.get().steps.get(kind="coupon")
            step.settings = step.settings | {"pattern": "N#"}
            step.save()
        for sign in ALPHABET:
            CouponFactory(school=school, code=f"N{sign}")
    rewarded(school, automation=automation)
    assert runs(school) == [("failed", "no_free_code")]
    assert len(coupons(school)) == len(ALPHABET)
    assert mails(school) == []
    with pytest.raises(CodeTaken):
        CouponFactory(school=school, code=f"N{ALPHABET[0]}")
