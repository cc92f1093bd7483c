"""Codes at the checkout: by link, by hand, taken off, refused with a reason; kept until the order (K31, K19)."""

import re
from datetime import timedelta

import pytest

from coupons.models import Redemption
from coupons.services.coupons import archive_coupon, end_coupon, pause_coupon
from kwiga import clock
from orders.facts import facts_of
from orders.models import OrderDiscount
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory, student_browser
from tests.factories.coupons import CouponFactory, list_of
from tests.factories.courses import CourseFactory
from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import address_of, fields_of, now_in, orders_of, plan, submit

FULL, LESS = "UAH 1,200", "UAH 1,080"
NOT_VALID = "This code is not valid here"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def offer(school):
    return sold_offer(school, price_minor=120_000)


@pytest.fixture
def spring(school):
    return CouponFactory(school=school, code="SPRING")


def uses(school):
    with school_scope(school):
        return list(Redemption.objects.order_by("id").values_list("state", flat=True))


def plain(page):
    return " ".join(page.text.split())


def total_of(page):
    return fields_of(page)["shown_total"]


# --- By link ---


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


# --- By hand ---


def test_a_code_is_applied_replaced_and_removed_without_scripts(school, visitor, offer, spring):
    CouponFactory(school=school, code="HALF", percent_bp=5_000)
    client = visitor(school)
    said = fields_of(client.get(address_of(offer))) | {"email": "me@example.test", "name": "Me"}
    applied = client.post(address_of(offer), said | {"coupon": "spring", "apply": "1"})
    assert "SPRING applied" in plain(applied) and fields_of(applied)["email"] == "me@example.test"
    removed = client.post(address_of(offer), fields_of(applied) | {"remove": "1"})
    assert total_of(removed) == "120000" and fields_of(removed)["coupon"] == "" and "applied" not in removed.text
    assert fields_of(removed)["name"] == "Me"
    replaced = client.post(address_of(offer, "?coupon=SPRING"), fields_of(removed) | {"coupon": "HALF", "apply": "1"})
    assert "HALF applied: −50%" in plain(replaced) and orders_of(school) == []
    assert client.post(address_of(offer), fields_of(replaced)).status_code == 303
    assert orders_of(school)[0].total_minor == 60_000


def test_a_code_that_was_typed_and_not_applied_shows_its_price_first(school, visitor, offer, spring):
    page = submit(visitor(school), offer, coupon="SPRING")
    assert page.status_code == 200 and total_of(page) == "108000" and orders_of(school) == []


def test_the_answer_to_htmx_changes_everything_that_shows_the_price(school, visitor, offer, spring):
    text = plain(visitor(school).post(f"/o/{offer.token}/quote/", {"coupon": "SPRING", "apply": "1"}, headers=HTMX))
    assert text.startswith('<div id="summary"') and f"Pay {LESS}" in text
    assert f"Total: {LESS}" in text and "SPRING: −10%" in text


@pytest.mark.spec("K31: the code outlives a change of language and signing in")
def test_the_code_is_kept_on_every_way_out_and_back(school, visitor, offer, spring):
    client = visitor(school)
    applied = client.post(address_of(offer, "?utm_source=mail"), {"coupon": "SPRING", "apply": "1"})
    query = "utm_source=mail&amp;coupon=SPRING"
    assert f'name="next" value="/o/{offer.token}?{query}&amp;lang=en"' in applied.text
    assert f"?next=%2Fo%2F{offer.token}%3Futm_source%3Dmail%26coupon%3DSPRING" in applied.text
    removed = client.post(address_of(offer, "?coupon=SPRING"), {"coupon": "SPRING", "remove": "1"})
    assert "coupon=" not in removed.text.replace('name="coupon"', "")


# --- Bought ---


def test_the_order_has_the_discount(school, visitor, offer, spring):
    assert submit(visitor(school), offer, "?coupon=SPRING").status_code == 303
    order = orders_of(school)[0]
    assert (order.subtotal_minor, order.discount_minor, order.total_minor) == (120_000, 12_000, 108_000)
    assert uses(school) == ["held"]
    with school_scope(school):
        assert OrderDiscount.objects.get().code == "SPRING"


@pytest.mark.spec("K19.2: a fixed 500 on an offer of 300 leaves nothing to pay, no payment page, and opens the course")
@pytest.mark.parametrize(
    "terms", [{"kind": "fixed", "amount_minor": 50_000, "currency": "UAH"}, {"kind": "percent", "percent_bp": 10_000}]
)
def test_a_code_that_takes_everything_skips_the_payment(school, visitor, terms):
    offer = sold_offer(school, price_minor=30_000)
    CouponFactory(school=school, code="GIFT", **terms)
    page = visitor(school).get(address_of(offer, "?coupon=GIFT"))
    assert "Get it free" in page.text and total_of(page) == "0" and "how to pay" not in page.text
    answer = submit(visitor(school), offer, "?coupon=GIFT")
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/done/")
    assert orders_of(school)[0].state == "paid" and uses(school) == ["confirmed"]


@pytest.mark.parametrize("end", ["expired", "ended", "used up"])
def test_a_coupon_that_is_gone_when_it_is_sent_is_answered_with_the_full_price_and_why(school, visitor, offer, end):
    now = now_in(school)
    coupon = CouponFactory(school=school, code="SHORT", ends_at=now + timedelta(hours=1), max_uses=1)
    client = visitor(school)
    said = fields_of(client.get(address_of(offer, "?coupon=SHORT"))) | {"email": "me@example.test", "name": "Me"}
    why = "This code could be used until"
    if end == "ended":
        with school_scope(school):
            end_coupon(coupon=coupon, actor=None)
    if end == "used up":
        why = "This code has been used as often as it could be."
        assert submit(visitor(school), offer, "?coupon=SHORT", email="first@example.test").status_code == 303
    before = len(orders_of(school))
    with clock.at(now + timedelta(hours=2 if end == "expired" else 0, minutes=1)):
        page = client.post(address_of(offer), said)
        assert page.status_code == 200 and why in page.text and total_of(page) == "120000"
        assert fields_of(page)["email"] == "me@example.test" and fields_of(page)["coupon"] == "SHORT"
        assert len(orders_of(school)) == before
        assert client.post(address_of(offer), fields_of(page)).status_code == 303
    assert orders_of(school)[-1].total_minor == 120_000 and orders_of(school)[-1].discount_minor == 0


def test_a_coupon_that_goes_while_the_order_is_written_is_answered_too(school, visitor, offer):
    """The price was looked at before the coupon was ended, the use is asked for behind it."""
    now = now_in(school)
    coupon = CouponFactory(school=school, code="RACE")
    with school_scope(school):
        end_coupon(coupon=coupon, actor=None)
    with clock.at(now):
        page = submit(visitor(school), offer, "?coupon=RACE")
    assert page.status_code == 200 and orders_of(school) == []


# --- Refused, each with its reason ---


def _shared(school, offer):
    """Codes that everybody may know, by what the buyer is told about each."""
    now = now_in(school)
    other = sold_offer(school, title="Another course")
    CouponFactory(school=school, code="LATER", starts_at=now + timedelta(days=3))
    with clock.at(now - timedelta(days=9)):
        CouponFactory(school=school, code="OVER", ends_at=now - timedelta(days=1))
    CouponFactory(school=school, code="DOLLARS", kind="fixed", amount_minor=500, currency="USD")
    CouponFactory(school=school, code="BIG", minimum_minor=200_000, currency="UAH")
    CouponFactory(school=school, code="ELSEWHERE", for_all_offers=False, offer_ids=(other.pk,))
    members = list_of(school, ContactFactory(school=school, email="member@example.test"))
    CouponFactory(school=school, code="GROUP", audience="list", contact_list_id=members.pk)
    return {
        "LATER": "This code can be used from",
        "OVER": "This code could be used until",
        "DOLLARS": "This code is for prices in USD, and this one is in UAH.",
        "BIG": "This code counts from UAH",
        "ELSEWHERE": "This code is for other offers",
        "GROUP": "This code is for a group of people. Enter your email or sign in",
    }


@pytest.mark.spec("K19.5: a coupon in UAH on an offer in USD is refused with the reason")
def test_shared_codes_say_exactly_why(school, visitor, offer):
    for code, why in _shared(school, offer).items():
        page = visitor(school).get(address_of(offer, f"?coupon={code}"))
        assert page.status_code == 200 and why in page.text, code
        assert total_of(page) == "120000" and fields_of(page)["coupon"] == code


def test_once_a_person_is_told_so(school, visitor, offer, spring):
    friend = ContactFactory(school=school)
    CouponFactory(school=school, code="GIFT", percent_bp=10_000)
    client = student_browser(friend)
    assert submit(client, offer, "?coupon=GIFT").status_code == 303
    page = client.get(address_of(sold_offer(school), "?coupon=GIFT"))
    assert "This code can be used once per person, and you have used it." in page.text


def test_the_better_of_promo_and_code_wins_and_the_buyer_is_told(school, visitor, spring):
    offer = sold_offer(school, price_minor=120_000, promo_price_minor=90_000)
    page = visitor(school).get(address_of(offer, "?coupon=SPRING"))
    assert total_of(page) == "90000" and "The code stays unused." in page.text
    CouponFactory(school=school, code="HALF", percent_bp=5_000)
    page = visitor(school).get(address_of(offer, "?coupon=HALF"))
    assert total_of(page) == "60000" and "takes off more than the promo price" in page.text


# --- One answer for all that nobody is to learn about (C2) ---


def _hidden(school, other_school):
    friend = ContactFactory(school=school)
    CouponFactory(school=other_school, code="CODE-FOREIGN")
    CouponFactory(school=school, code="CODE-DRAFT00", is_draft=True)
    paused, archived = (CouponFactory(school=school, code=code) for code in ("CODE-PAUSED0", "CODE-ARCHIVE"))
    with school_scope(school):
        pause_coupon(coupon=paused, actor=None)
        archive_coupon(coupon=archived, actor=None)
    CouponFactory(school=school, code="CODE-FRIENDS", audience="contact", contact_id=friend.pk)
    return ["CODE-UNKNOWN", "CODE-FOREIGN", "CODE-DRAFT00", "CODE-PAUSED0", "CODE-ARCHIVE", "CODE-FRIENDS"]


def _blank(text, code):
    text = re.sub(r'(name="(?:csrfmiddlewaretoken|key)" value=)"[^"]*"', r"\1", text.replace(code, ""))
    text = re.sub(r'"X-CSRFToken": "[^"]*"', "", text)
    return re.sub(r'nonce="[^"]*"', "", text)


@pytest.mark.spec("C2: unknown, foreign, draft, paused, archived and others' personal codes answer byte for byte alike")
@pytest.mark.parametrize("email", ["", "somebody@example.test"])
def test_hidden_codes_answer_alike(school, other_school, visitor, offer, count_queries, email):
    answers, statements = set(), set()
    for number, code in enumerate(_hidden(school, other_school)):
        client = visitor(school)
        client.defaults["REMOTE_ADDR"] = f"127.9.{number}.1"  # wrong codes are counted
        client.get(address_of(offer))
        with count_queries() as queries:
            page = client.get(address_of(offer, f"?coupon={code}"))
            quote = client.post(f"/o/{offer.token}/quote/", {"coupon": code, "email": email}, headers=HTMX)
            posted = client.post(address_of(offer), {"coupon": code, "email": email, "apply": "1"})
        answers.add("".join(_blank(each.text, code) for each in (page, quote, posted)))
        statements.add(len(queries))
        assert NOT_VALID in page.text
    assert len(answers) == 1 and len(statements) == 1


# --- Afterwards ---


def test_the_code_stands_on_every_page_about_the_order(school, visitor, offer, spring):
    friend = ContactFactory(school=school)
    client = student_browser(friend)
    pay = submit(client, offer, "?coupon=SPRING").headers["Location"]
    order = orders_of(school)[0]
    told = "Discount with SPRING"
    for address in (pay, f"/me/orders/{order.number}/"):
        text = plain(client.get(address))
        assert told in text and "−UAH 120" in text and FULL in text and LESS in text, address
    with school_scope(school):
        facts = facts_of(school, order)
    assert facts.discount.replace("\N{NO-BREAK SPACE}", " ") == "−UAH 120 (SPRING)"


def test_the_thanks_and_the_team_see_the_code(school, visitor, owner, staff):
    offer = sold_offer(school, price_minor=120_000)
    CouponFactory(school=school, code="GIFT", percent_bp=10_000)
    answer = submit(visitor(school), offer, "?coupon=GIFT")
    thanks = plain(visitor(school).get(answer.headers["Location"]))
    assert "Discount with GIFT" in thanks and "−UAH 1,200" in thanks
    order = orders_of(school)[0]
    page = plain(staff(owner).get(f"/{school.slug}/orders/{order.number}/"))
    assert "Discount with GIFT" in page


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
