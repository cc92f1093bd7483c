"""A code that comes by link: the price before any typing, on the page of the offer and on the cards (K31, K36)."""

from datetime import timedelta

import pytest

from coupons.models import Redemption
from kwiga import clock
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory, student_browser
from tests.factories.coupons import CouponFactory
from tests.factories.courses import CourseFactory
from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import FULL, LESS, address_of, fields_of, now_in, orders_of, plain, plan, submit, total_of

NOT_VALID = "This code is not valid here"
HTMX = {"HX-Request": "true"}


def uses(school):
    with school_scope(school):
        return list(Redemption.objects.order_by("id").values_list("state", flat=True))


@pytest.mark.spec("K31.1: the link shows the reduced price before any typing")
@pytest.mark.spec("SEED-K: users see the checkout with the coupon already activated when they click the link")
@pytest.mark.parametrize("typed", ["SPRING", "spring", "%20Spring%20", "SPR%E2%80%8BING"])
def test_the_link_brings_the_discount(school, visitor, offer, spring, typed):
    page = visitor(school).get(address_of(offer, f"?coupon={typed}"))
    text = plain(page)
    assert "SPRING applied: −10%" in text and "You save UAH 120" in text
    assert f"Pay {LESS}" in text and "<s>" in text and FULL in text and "Remove" in text
    assert total_of(page) == "108000" and fields_of(page)["coupon"] == "SPRING"


@pytest.mark.spec("SEED-K: the field for the code is on the page when the offer allows coupons, empty by default")
def test_the_field_is_there_and_empty(school, visitor, offer, spring):
    page = visitor(school).get(address_of(offer))
    assert (
        fields_of(page)["coupon"] == "" and "Have a code?" in page.text and '<details class="code-box" >' in plain(page)
    )
    closed = sold_offer(school, allows_coupons=False)
    refused = visitor(school).get(address_of(closed, "?coupon=SPRING"))
    assert "coupon" not in fields_of(refused) and "Codes cannot be used for this offer." in refused.text
    assert "coupon" not in fields_of(visitor(school).get(address_of(closed)))
    free = visitor(school).get(address_of(sold_offer(school, price_minor=0), "?coupon=SPRING"))
    assert "coupon" not in fields_of(free)


@pytest.mark.spec("K31.2: an expired code gives a notice and the full price, status 200")
def test_an_expired_code_says_so(school, visitor, offer):
    now = now_in(school)
    with clock.at(now - timedelta(days=9)):
        CouponFactory(school=school, code="OLD", ends_at=now - timedelta(days=1))
    page = visitor(school).get(address_of(offer, "?coupon=OLD"))
    assert page.status_code == 200 and "This code could be used until" in page.text
    assert total_of(page) == "120000" and fields_of(page)["coupon"] == "OLD"
    assert submit(visitor(school), offer, "?coupon=OLD").status_code == 303
    assert orders_of(school)[0].total_minor == 120_000


@pytest.mark.spec("K31.4: opening the link a hundred times uses nothing up")
def test_looking_uses_nothing(school, visitor, offer, spring):
    for _look in range(100):
        visitor(school).get(address_of(offer, "?coupon=SPRING"))
    assert uses(school) == [] and orders_of(school) == []


@pytest.mark.spec("K31.3: a personal coupon asks a guest who they are, and then applies")
def test_a_personal_code_asks_who_one_is(school, visitor, offer):
    friend = ContactFactory(school=school, email="friend@example.test")
    CouponFactory(school=school, code="FOR-FRIEND", audience="contact", contact_id=friend.pk)
    query = "?coupon=FOR-FRIEND"
    guest = visitor(school)
    page = guest.get(address_of(offer, query))
    assert NOT_VALID in page.text and "enter your email or sign in" in page.text
    assert f"/sign-in/?next=%2Fo%2F{offer.token}%3Fcoupon%3DFOR-FRIEND" in page.text
    signed_in = student_browser(friend).get(address_of(offer, query))
    assert "FOR-FRIEND applied" in plain(signed_in)
    typed = {"coupon": "FOR-FRIEND", "email": "Friend@Example.test"}
    answer = guest.post(f"/o/{offer.token}/quote/", typed, headers=HTMX)
    assert "FOR-FRIEND applied" in plain(answer)
    other = guest.post(f"/o/{offer.token}/quote/", typed | {"email": "me@example.test"}, headers=HTMX)
    assert NOT_VALID in other.text and "applied" not in other.text


def test_a_personal_code_shows_its_price_before_it_is_used(school, visitor, offer):
    """Without scripts the email is known at the submission: the price comes first, the order with the next press."""
    friend = ContactFactory(school=school, email="friend@example.test")
    CouponFactory(school=school, code="FOR-FRIEND", audience="contact", contact_id=friend.pk)
    client = visitor(school)
    page = submit(client, offer, "?coupon=FOR-FRIEND", email="friend@example.test")
    assert page.status_code == 200 and "FOR-FRIEND applied" in plain(page) and orders_of(school) == []
    assert fields_of(page)["email"] == "friend@example.test"
    assert client.post(address_of(offer), fields_of(page)).status_code == 303
    assert [order.total_minor for order in orders_of(school)] == [108_000]


@pytest.mark.spec("K31: the code outlives a change of language and signing in")
def test_the_code_is_kept_on_every_way_out_and_back(school, visitor, offer, spring):
    client = visitor(school)
    applied = client.post(address_of(offer, "?utm_source=mail"), {"coupon": "SPRING", "apply": "1"})
    query = "utm_source=mail&amp;coupon=SPRING"
    assert f'name="next" value="/o/{offer.token}?{query}&amp;lang=en"' in applied.text
    assert f"?next=%2Fo%2F{offer.token}%3Futm_source%3Dmail%26coupon%3DSPRING" in applied.text
    removed = client.post(address_of(offer, "?coupon=SPRING"), {"coupon": "SPRING", "remove": "1"})
    assert "coupon=" not in removed.text.replace('name="coupon"', "")


@pytest.mark.spec("K36: the coupon from the link is shown on the cards it fits")
def test_cards_and_plans_show_the_price_with_the_code(school, visitor, count_queries):
    course = CourseFactory(school=school)
    fits, other = plan(school, course, price_minor=120_000), plan(school, course, price_minor=50_000)
    CouponFactory(school=school, code="ONE", for_all_offers=False, offer_ids=(fits.pk,), max_uses=5)
    CouponFactory(school=school, code="GONE", max_uses=1, starts_at=now_in(school) + timedelta(days=3))
    alone = sold_offer(school, price_minor=200_000)
    CouponFactory(school=school, code="SPRING")
    client = visitor(school)
    with count_queries() as queries:
        text = plain(client.get("/?coupon=SPRING"))
    assert (
        "UAH 1,800" in text
        and "UAH 450" in text
        and sum("couponcode" in q["sql"] for q in queries.captured_queries) == 1
    )
    assert f"/o/{alone.token}?coupon=SPRING" in text
    plans = plain(client.get(f"/courses/{course.token}/?coupon=ONE"))
    assert LESS in plans and "UAH 500" in plans and "UAH 450" not in plans
    for code in ("GONE", "NOPE", ""):
        text = plain(client.get(f"/?coupon={code}"))
        assert "UAH 2,000" in text and "UAH 1,800" not in text
    assert other.pk
