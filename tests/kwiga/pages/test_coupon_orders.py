"""An order bought with a code: its discount, its coupon gone meanwhile, and the pages about it afterwards (K19)."""

from datetime import timedelta

import pytest

from coupons.models import Redemption
from coupons.services.coupons import end_coupon
from kwiga import clock
from orders.facts import facts_of
from orders.models import OrderDiscount
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory, student_browser
from tests.factories.coupons import CouponFactory
from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import FULL, LESS, address_of, fields_of, now_in, orders_of, plain, submit, total_of


def uses(school):
    with school_scope(school):
        return list(Redemption.objects.order_by("id").values_list("state", flat=True))


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
