"""The list of coupons, held to the words of its article."""

import pytest

from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory, list_of
from tests.factories.offers import PublishedOfferFactory


@pytest.mark.spec("SEED-K: To view already created coupons or add new ones, go to Courses → Promo Codes.")
def test_the_way_to_coupons_is_courses_then_promo_codes(school, owner, staff):
    page = staff(owner).get("/green/").text
    courses = page.index(">Courses</div>")
    assert courses < page.index("Promo codes") < page.index(">Sales</div>")
    assert 'href="/green/coupons/"' in page


@pytest.mark.spec("SEED-K: To create a coupon, click +Coupon.")
def test_the_button_says_plus_coupon(school, owner, staff):
    page = staff(owner).get("/green/coupons/").text
    assert "+Coupon</a>" in page
    assert 'href="/green/coupons/new/"' in page


@pytest.mark.spec("SEED-K: For each coupon in the list, the following details are shown")
def test_the_list_has_every_column_of_the_article(school, owner, staff):
    person = ContactFactory(school=school, name="Olha Kovalenko")
    group = list_of(school, person, name="Graduates")
    offer = PublishedOfferFactory(school=school, title="Morning yoga")
    CouponFactory(school=school, code="SPRING", comment="Posters", for_all_offers=False, offer_ids=(offer.pk,))
    CouponFactory(
        school=school, code="OLHA", kind="fixed", amount_minor=50_000, currency="UAH", audience="contact",
        contact_id=person.pk, max_uses=3, max_uses_per_contact=2,
    )  # fmt: skip
    CouponFactory(school=school, code="GRADS", audience="list", contact_list_id=group.pk)
    page = staff(owner).get("/green/coupons/").text
    for heading in (
        "Coupon code", "Discount amount", "Assigned contact", "Contact list", "Total uses allowed", "Uses per user",
        "Comment", "Created by", "Creation date", "Expiration date", "Used in offer",
    ):  # fmt: skip
        assert heading in page
    for cell in ("10%", "UAH\N{NO-BREAK SPACE}500", "Olha Kovalenko", "Graduates", "Posters", "Morning yoga"):
        assert cell in page


@pytest.mark.spec("SEED-K: If there are no restrictions, it is labeled as “Unlimited.”")
@pytest.mark.spec("SEED-K: If there is no expiration, it is also indicated.")
@pytest.mark.spec("SEED-K: Below the coupon code, you can see how many times it has been used")
def test_empty_limits_read_unlimited_and_no_expiration(school, owner, staff):
    CouponFactory(school=school, code="SPRING")
    page = " ".join(staff(owner).get("/green/coupons/").text.split())
    assert "Unlimited" in page
    assert "No expiration" in page
    assert "Used: 0" in page


@pytest.mark.spec("P4.5: the export matches")
def test_the_export_says_what_the_list_says(school, owner, staff):
    CouponFactory(school=school, code="SPRING", comment="=1+1", max_uses=7)
    CouponFactory(school=school, code="SUMMER")
    response = staff(owner).get("/green/coupons/export/?q=spring")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert text.count("\n") == 2
    assert '"SPRING","active","0","0","10","%"' in text
    assert '"\'=1+1"' in text  # no formula


def test_search_filters_and_orders_are_in_the_address(school, owner, staff):
    CouponFactory(school=school, code="ALPHA", percent_bp=500)
    CouponFactory(school=school, code="BETA", percent_bp=9_000, is_draft=True)
    CouponFactory(school=school, code="ALPHABET", percent_bp=1_000)
    client = staff(owner)

    def codes(query: str) -> list[str]:
        return [row.code for row in client.get(f"/green/coupons/{query}").context["rows"]]

    assert codes("") == ["ALPHABET", "BETA", "ALPHA"]
    assert codes("?sort=code") == ["ALPHA", "ALPHABET", "BETA"]
    assert codes("?sort=size") == ["BETA", "ALPHABET", "ALPHA"]
    assert sorted(codes("?sort=ends")) == ["ALPHA", "ALPHABET", "BETA"]
    assert codes("?q=alpha") == ["ALPHA", "ALPHABET"]  # the exact code stands first
    assert codes("?state=draft") == ["BETA"]
    assert codes("?state=active&sort=code") == ["ALPHA", "ALPHABET"]
    assert codes("?use=used") == []
    assert codes("?state=nonsense&author=nonsense&sort=nonsense") == ["ALPHABET", "BETA", "ALPHA"]


@pytest.mark.spec("P4.4")
def test_the_number_of_queries_does_not_follow_the_number_of_coupons(
    school, owner, staff, django_assert_num_queries, django_assert_max_num_queries
):
    offer = PublishedOfferFactory(school=school)
    CouponFactory(school=school, for_all_offers=False, offer_ids=(offer.pk,))
    client = staff(owner)
    client.get("/green/coupons/")
    with django_assert_max_num_queries(60) as few:
        client.get("/green/coupons/")
    for _ in range(3):
        CouponFactory(school=school, for_all_offers=False, offer_ids=(offer.pk,))
    with django_assert_num_queries(len(few)):
        client.get("/green/coupons/")


def test_pages_in_every_order_show_each_coupon_once(school, owner, staff, monkeypatch):
    for number in range(7):
        CouponFactory(school=school, code=f"C{number}", percent_bp=500 + 100 * (number % 2))
    monkeypatch.setattr("kwiga.paging.page_of.__defaults__", (3,))
    client = staff(owner)
    for sort in ("created", "code", "ends", "size"):
        shown, query = [], f"?sort={sort}"
        while query:
            page = client.get(f"/green/coupons/{query}")
            shown += [row.code for row in page.context["rows"]]
            query = page.context["page"].next
        assert sorted(shown) == [f"C{number}" for number in range(7)], sort
