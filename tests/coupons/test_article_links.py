"""The article's part on links with a coupon: the address, the page behind it, and what has to hold for it."""

import re

import pytest

from coupons.services.coupons import pause_coupon
from offers.models import Offer
from schools.tenancy.scope import school_scope
from tests.factories.coupons import CouponFactory
from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import WHO, address_of, fields_of, orders_of, set_on

LINK = "/o/TnHG7QjEFukO?coupon=SPRING"


@pytest.fixture
def offer(school):
    offer = sold_offer(school, price_minor=120_000)
    set_on(offer, token="TnHG7QjEFukO")
    with school_scope(school):
        return Offer.objects.get(pk=offer.pk)


def copied_links(page) -> list[str]:
    return re.findall(r"http://[^\"'<\s]+\?coupon=[^\"'<\s]+", page.text)


@pytest.mark.spec("SEED-K: the link with the pre-applied coupon will be: …/o/TnHG7QjEFukO?coupon=SPRING")
def test_the_link_of_the_article_is_copied_from_the_coupon_and_shows_the_lower_price(
    school, owner, staff, visitor, offer
):
    coupon = CouponFactory(school=school, code="SPRING")
    links = copied_links(staff(owner).get(f"/green/coupons/{coupon.token}/"))
    assert set(links) == {f"http://green.localhost:8000{LINK}"}
    assert fields_of(visitor(school).get(LINK))["shown_total"] == "108000"


@pytest.mark.spec("SEED-K: All offers on the Kwiga platform have unique links")
def test_every_offer_has_a_link_of_its_own(school, other_school, visitor, offer):
    others = [sold_offer(school, title="Another"), sold_offer(other_school, title="Elsewhere")]
    assert len({each.token for each in (offer, *others)}) == 3
    assert "Another" in visitor(school).get(address_of(others[0])).text
    assert visitor(school).get(address_of(others[1])).status_code == 404


@pytest.mark.spec("SEED-K: customers do not need to enter the coupon manually—everything happens automatically")
def test_a_customer_who_followed_the_link_types_no_code(school, visitor, offer):
    CouponFactory(school=school, code="SPRING")
    client = visitor(school)
    sent = fields_of(client.get(LINK)) | WHO
    assert client.post(LINK, sent).status_code == 303
    (order,) = orders_of(school)
    assert (order.discount_minor, order.total_minor) == (12_000, 108_000)


@pytest.mark.spec("SEED-K: The coupon code must be valid, and its usage must be allowed in the offer settings")
@pytest.mark.parametrize("hindrance", ["unknown", "paused", "not allowed", "other offer"])
def test_a_link_whose_code_does_not_count_shows_the_full_price_and_why(school, owner, staff, visitor, offer, hindrance):
    chosen = {"for_all_offers": False} if hindrance == "other offer" else {}
    coupon = CouponFactory(school=school, code="SUMMER" if hindrance == "unknown" else "SPRING", **chosen)
    why = {"not allowed": "Codes cannot be used for this offer.", "other offer": "This code is for other offers"}
    if hindrance == "paused":
        with school_scope(school):
            pause_coupon(coupon=coupon, actor=None)
    if hindrance == "not allowed":
        set_on(offer, allows_coupons=False)
    page = visitor(school).get(LINK)
    assert page.status_code == 200 and fields_of(page)["shown_total"] == "120000"
    assert why.get(hindrance, "This code is not valid here") in page.text


@pytest.mark.spec("SEED-K: If an offer allows coupon usage, a field for entering the code will appear – by its setting")
def test_the_switch_of_the_offer_shows_and_hides_the_field(school, owner, staff, visitor, offer):
    CouponFactory(school=school, code="SPRING")
    client, address = staff(owner), f"/green/offers/{offer.token}/edit/"
    form = client.get(address).context["form"]
    assert form.fields["allows_coupons"].label == "Coupons can be used"
    assert fields_of(visitor(school).get(address_of(offer)))["coupon"] == ""
    set_on(offer, allows_coupons=False)
    assert "coupon" not in fields_of(visitor(school).get(address_of(offer)))
