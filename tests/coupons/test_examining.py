"""A typed code with everything the school knows about it, in one statement (trust C2, C9; K19, K31)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, ContactListMember
from coupons.eligibility import Reason
from coupons.models import Coupon, CouponCode, Redemption
from coupons.selectors.examining import Examined, examine_code
from kwiga import clock
from offers.models import Offer
from orders.models import OrderDiscount
from orders.selectors.quote import Quote, quote_offer
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory, code_of, list_of
from tests.factories.offers import PublishedOfferFactory
from tests.factories.orders import PlacedOrderFactory

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, INSTANT = timedelta(hours=1), timedelta(microseconds=1)


@pytest.fixture
def offer(school: School) -> Offer:
    return PublishedOfferFactory(school=school, price_minor=19_999)


@pytest.fixture
def anna(school: School) -> Contact:
    return ContactFactory(school=school, email="anna@example.test")


def asked(offer: Offer, typed: str | Coupon, **who: Any) -> Examined:
    typed = code_of(typed) if isinstance(typed, Coupon) else typed
    with school_scope(offer.school_id):
        return examine_code(typed=typed, offer=offer, **({"at": clock.now()} | who))


def quoted(offer: Offer, typed: str | Coupon, **who: Any) -> Quote:
    typed = code_of(typed) if isinstance(typed, Coupon) else typed
    with school_scope(offer.school_id):
        return quote_offer(offer=offer, code=typed, **({"at": clock.now()} | who))


def reason_of(answer: Examined | Quote) -> Reason | None:
    return answer.refusal.reason if answer.refusal else None


def use(coupon: Coupon, contact: Contact, state: str = "confirmed", until: datetime | None = None) -> Redemption:
    with school_scope(coupon.school_id):
        return Redemption.objects.create(
            school_id=coupon.school_id,
            coupon=coupon,
            code=CouponCode.objects.get(coupon=coupon),
            contact=contact,
            state=state,
            amount_minor=1,
            currency="UAH",
            held_until=until or (clock.now() + HOUR if state == "held" else None),
        )


# --- The price ---


@pytest.mark.spec("K19.1")
def test_the_quote_of_a_code(school: School, offer: Offer) -> None:
    coupon = CouponFactory(school=school, code="Spring")
    quote = quoted(offer, " SPRING")
    assert (quote.subtotal_minor, quote.discount_minor, quote.total_minor) == (19_999, 2_000, 17_999)
    assert (quote.code, quote.coupon_message, quote.is_miss) == ("Spring", "", False)
    assert quote.coupon == coupon and quote.coupon_code is not None and quote.coupon_code.coupon_id == coupon.pk
    assert [(applied.amount_minor, applied.shares) for applied in quote.discounts] == [(2_000, {"offer": 2_000})]
    assert [(line.price_minor, line.discount_minor) for line in quote.lines] == [(19_999, 2_000)]


@pytest.mark.spec("K19.2")
def test_a_sum_above_the_price_makes_it_free(school: School, offer: Offer) -> None:
    coupon = CouponFactory(school=school, kind="fixed", amount_minor=50_000, currency="UAH")
    quote = quoted(offer, coupon)
    assert (quote.discount_minor, quote.total_minor, quote.is_free) == (19_999, 0, True)


@pytest.mark.spec("K19.5: a coupon in UAH on an offer in USD")
def test_a_sum_in_another_currency_says_so(school: School) -> None:
    offer = PublishedOfferFactory(school=school, currency="USD", price_minor=10_000)
    coupon = CouponFactory(school=school, kind="fixed", amount_minor=5_000, currency="UAH")
    quote = quoted(offer, coupon)
    assert (reason_of(quote), quote.total_minor, quote.coupon) == (Reason.OTHER_CURRENCY, 10_000, None)
    assert str(quote.coupon_message) == "This code is for prices in UAH, and this one is in USD."


@pytest.mark.spec("K23.2")
def test_a_code_for_plan_b_is_refused_on_plan_a(school: School, offer: Offer) -> None:
    plan_b = PublishedOfferFactory(school=school, title="Plan B")
    hidden = PublishedOfferFactory(school=school, title="Secret plan", is_listed=False)
    coupon = CouponFactory(school=school, for_all_offers=False, offer_ids=(hidden.pk, plan_b.pk))
    quote = quoted(offer, coupon)
    assert reason_of(quote) == Reason.OTHER_OFFER and quote.refusal is not None
    assert str(quote.coupon_message) == "This code is for other offers: “Plan B”."
    assert [(named.title, named.token, named.is_shown) for named in quote.refusal.facts["offers"]] == [
        ("Plan B", plan_b.token, True),
        ("Secret plan", hidden.token, False),
    ]
    assert reason_of(quoted(plan_b, coupon)) is None and reason_of(quoted(hidden, coupon)) is None


@pytest.mark.spec("K18.4")
@pytest.mark.parametrize(
    ("bp", "on_promo", "prices", "beats"),
    [
        (1_000, False, (8_000, 0, 8_000), False),
        (3_000, False, (10_000, 3_000, 7_000), True),
        (1_000, True, (8_000, 800, 7_200), False),
    ],
)
def test_a_promo_price_and_a_code(
    school: School, bp: int, on_promo: bool, prices: tuple[int, int, int], beats: bool
) -> None:
    offer = PublishedOfferFactory(
        school=school,
        price_minor=10_000,
        promo_price_minor=8_000,
        promo_ends_at=NOON + HOUR,
        coupon_on_promo=on_promo,
    )
    quote = quoted(offer, CouponFactory(school=school, percent_bp=bp), at=NOON)
    assert (quote.subtotal_minor, quote.discount_minor, quote.total_minor) == prices
    assert (quote.price_minor, quote.list_price_minor) == (prices[0], 10_000)
    assert quote.beats_promo == beats and quote.promo_ends_at == (None if beats else NOON + HOUR)
    if bp == 1_000 and not on_promo:
        assert "promo price" in str(quote.coupon_message) and quote.coupon is None
        assert quoted(offer, "nothing", at=NOON + HOUR).total_minor == 10_000


@pytest.mark.spec("K31.2")
def test_a_code_that_is_over_leaves_the_full_price_and_says_so(school: School, offer: Offer) -> None:
    coupon = CouponFactory(school=school, code="OVER", ends_at=NOON)
    quote = quoted(offer, coupon, at=NOON)
    assert (reason_of(quote), quote.total_minor, quote.code) == (Reason.ENDED, 19_999, "OVER")
    assert str(quote.coupon_message).startswith("This code could be used until Mar 1, 2026")


# --- The clock ---


@pytest.mark.spec("C9")
@pytest.mark.parametrize("zone", ["UTC", "Europe/Kyiv", "Asia/Kathmandu", "Pacific/Kiritimati"])
def test_the_window_is_kept_to_the_microsecond(school: School, offer: Offer, zone: str) -> None:
    start, end = (datetime(2026, 3, day, tzinfo=ZoneInfo(zone)).astimezone(UTC) for day in (1, 2))
    coupon = CouponFactory(school=school, starts_at=start, ends_at=end)
    found = []
    for instant in (start - INSTANT, start, end - INSTANT, end):
        with clock.at(instant):
            found.append(reason_of(asked(offer, coupon)))
    assert found == [Reason.STARTS_LATER, None, None, Reason.ENDED]


@pytest.mark.spec("C9: both hours that a clock shows twice")
@pytest.mark.parametrize("fold", [0, 1])
def test_an_end_in_the_hour_that_comes_twice(school: School, offer: Offer, fold: int) -> None:
    end = datetime(2026, 10, 25, 3, 30, fold=fold, tzinfo=ZoneInfo("Europe/Kyiv")).astimezone(UTC)
    assert end.hour == fold
    coupon = CouponFactory(school=school, ends_at=end)
    for instant, reason in ((end - INSTANT, None), (end, Reason.ENDED)):
        with clock.at(instant):
            assert reason_of(asked(offer, coupon)) == reason


# --- Who ---


def test_a_personal_code_works_for_its_owner_however_the_owner_is_known(
    school: School, offer: Offer, anna: Contact
) -> None:
    coupon = CouponFactory(school=school, audience="contact", contact_id=anna.pk)
    other = ContactFactory(school=school, email="other@example.test")
    assert reason_of(asked(offer, coupon, contact=anna)) is None
    assert reason_of(asked(offer, coupon, email=" Anna@Example.test ")) is None
    assert reason_of(asked(offer, coupon, contact=other)) == Reason.NOT_YOURS
    # Who signed in counts, whatever was typed.
    assert reason_of(asked(offer, coupon, contact=other, email="anna@example.test")) == Reason.NOT_YOURS
    assert reason_of(asked(offer, coupon, email="nobody@example.test")) == Reason.NOT_YOURS
    nobody = asked(offer, coupon)
    assert reason_of(nobody) == Reason.NEEDS_PERSON and nobody.wants_person


def test_a_code_for_a_list_works_for_those_on_it(school: School, offer: Offer, anna: Contact) -> None:
    listed = list_of(school, anna)
    coupon = CouponFactory(school=school, audience="list", contact_list_id=listed.pk)
    list_of(school, ContactFactory(school=school, email="elsewhere@example.test"), name="Others")
    assert reason_of(asked(offer, coupon, email="anna@example.test")) is None
    assert reason_of(asked(offer, coupon, contact=anna)) is None
    assert reason_of(asked(offer, coupon, email="elsewhere@example.test")) == Reason.NOT_ON_LIST
    nobody = asked(offer, coupon)
    assert reason_of(nobody) == Reason.NEEDS_PERSON and nobody.wants_person
    assert nobody.refusal is not None and not nobody.refusal.is_hidden
    with school_scope(school):
        ContactListMember.objects.filter(contact=anna).delete()
    assert reason_of(asked(offer, coupon, contact=anna)) == Reason.NOT_ON_LIST


# --- Uses ---


def test_uses_are_counted_by_contact(school: School, offer: Offer, anna: Contact) -> None:
    coupon = CouponFactory(school=school)
    use(coupon, anna)
    assert reason_of(asked(offer, coupon, email="anna@example.test")) == Reason.USED_BY_YOU
    assert reason_of(asked(offer, coupon, email="new@example.test")) is None
    given_back = CouponFactory(school=school)
    use(given_back, anna, "released")
    assert reason_of(asked(offer, given_back, contact=anna)) is None


def test_a_held_use_refuses_only_in_another_browser(school: School, offer: Offer, anna: Contact) -> None:
    coupon = CouponFactory(school=school)
    held = use(coupon, anna, "held", NOON + HOUR)
    elsewhere = asked(offer, coupon, email="anna@example.test")
    assert reason_of(elsewhere) == Reason.RESERVED_UNTIL and elsewhere.refusal is not None
    assert elsewhere.refusal.facts["until"] == held.held_until
    assert reason_of(asked(offer, coupon, contact=anna)) is None
    assert reason_of(asked(offer, coupon, email="anna@example.test", own_orders={"NOSUCHNO"})) == Reason.RESERVED_UNTIL


def test_a_held_use_of_an_order_of_this_browser_is_in_nobodys_way(school: School, offer: Offer, anna: Contact) -> None:
    coupon = CouponFactory(school=school)
    held = use(coupon, anna, "held")
    older, newer = (PlacedOrderFactory(offer=offer, email="anna@example.test") for _order in range(2))
    with school_scope(school):
        for order in (older, newer):
            OrderDiscount.objects.create(school=school, order=order, redemption=held, code="X", amount_minor=1)
    for numbers, reason in (([newer.number], None), ([older.number, newer.number], None), ([], Reason.RESERVED_UNTIL)):
        examined = asked(offer, coupon, email="anna@example.test", own_orders=numbers)
        assert reason_of(examined) == reason and examined.person.held == 1


def test_a_coupon_that_is_used_up(school: School, offer: Offer, anna: Contact) -> None:
    coupon = CouponFactory(school=school, max_uses=1)
    with school_scope(school):
        Coupon.objects.filter(pk=coupon.pk).update(uses=1)
    assert reason_of(asked(offer, coupon)) == Reason.USED_UP
    use(coupon, anna, "held")
    assert reason_of(asked(offer, coupon, email="anna@example.test")) == Reason.RESERVED_UNTIL
    assert reason_of(asked(offer, coupon, contact=anna)) is None
    assert reason_of(asked(offer, coupon, email="new@example.test")) == Reason.USED_UP


# --- The same answer ---


def hidden_codes(school: School, other_school: School) -> list[str]:
    """One of each kind that a buyer may not tell apart (C2)."""
    stranger = ContactFactory(school=school, email="stranger@example.test")
    made = {
        "HERS1": {"audience": "contact", "contact_id": stranger.pk},
        "HERS2": {"audience": "contact", "contact_id": stranger.pk, "ends_at": NOON},
        "DRAFT1": {"is_draft": True},
        "PAUSED1": {},
        "ARCHIVED1": {},
    }
    for code, fields in made.items():
        CouponFactory(school=school, code=code, **fields)
    CouponFactory(school=other_school, code="THEIRS1")
    with school_scope(school):
        Coupon.objects.filter(codes__code="PAUSED1").update(paused_at=NOON)
        Coupon.objects.filter(codes__code="ARCHIVED1").update(archived_at=NOON)
    return [*made, "THEIRS1", "NOSUCH1"]


@pytest.mark.spec("C2")
@pytest.mark.parametrize("email", ["", "anna@example.test", "nobody@example.test"])
def test_hidden_codes_are_answered_alike_with_as_many_queries(
    school: School, other_school: School, offer: Offer, anna: Contact, email: str
) -> None:
    answers = set()
    for code in hidden_codes(school, other_school):
        with school_scope(school):
            at = clock.now()
            with CaptureQueriesContext(connection) as queries:
                quote = quote_offer(offer=offer, email=email, at=at, code=code)
            answers.add((str(quote.coupon_message), quote.total_minor, quote.wants_person, quote.is_miss, len(queries)))
            assert quote.code == code
    asks = "" if email else " If it was given to you, enter your email or sign in."
    sentence = f"This code is not valid here. Check how it is written.{asks}"
    assert answers == {(sentence, 19_999, not email, True, 1)}


def test_a_shared_code_takes_one_query_as_well(school: School, offer: Offer) -> None:
    coupon = CouponFactory(school=school, code="SHARED1", for_all_offers=False, offer_ids=(offer.pk,))
    with school_scope(school), CaptureQueriesContext(connection) as queries:
        examined = examine_code(typed="shared1", offer=offer, email="a@example.test", at=NOON)
    assert examined.coupon == coupon and examined.refusal is None and len(queries) == 1
