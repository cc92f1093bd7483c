"""The form of a coupon, held to the words of its article."""

import pytest

from contacts.models import ContactList
from coupons.models import Coupon, CouponCode
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory
from tests.factories.offers import PublishedOfferFactory
from tests.support.coupon_pages import GOOD, only


@pytest.mark.spec("SEED-K: a settings page where you need to enter details to Create a coupon")
def test_the_form_has_the_fields_of_the_article_by_their_names(school, owner, staff):
    page = staff(owner).get("/green/coupons/new/").text
    for name in (
        "Create a coupon",
        "Coupon Name",
        "Discount Size",
        "Validity",
        "Total Number of Uses",
        "Number of Uses Per User",
        "Available to users",
        "For all users",
        "For a specific user",
        "For a group of users",
        "Comment",
    ):
        assert name in page


@pytest.mark.spec("SEED-K: You can modify the name and enter a convenient word or phrase")
def test_the_suggested_code_can_be_replaced_by_a_phrase(school, owner, staff):
    client = staff(owner)
    page = client.get("/green/coupons/new/")
    suggested = page.context["form"]["code"].value()
    assert len(suggested) == 12
    assert suggested in page.text
    client.post("/green/coupons/new/", GOOD | {"code": "black friday"})
    with school_scope(school):
        assert CouponCode.objects.get().code_key == "BLACK-FRIDAY"


@pytest.mark.spec("SEED-K: Percentage Discount – from 1% to 100% of the product's value")
@pytest.mark.parametrize(("typed", "basis"), [("1", 100), ("12,5", 1_250), ("99.99 %", 9_999), ("100", 10_000)])
def test_a_percentage_goes_from_one_to_a_hundred(school, owner, staff, typed, basis):
    staff(owner).post("/green/coupons/new/", GOOD | {"size": typed})
    assert only(school).percent_bp == basis


@pytest.mark.parametrize("typed", ["0", "0.99", "100.01", "12.345", "-5", "NaN", "Infinity", "1e1000", "much", ""])
def test_no_other_percentage_is_taken_and_nothing_typed_is_lost(school, owner, staff, typed):
    response = staff(owner).post("/green/coupons/new/", GOOD | {"size": typed, "comment": "For the posters"})
    assert response.status_code == 200
    assert "field-error" in response.text
    assert "For the posters" in response.text
    with school_scope(school):
        assert not Coupon.objects.exists()


@pytest.mark.spec("SEED-K: Fixed Amount in Currency, e.g., 100 UAH or 33 USD")
@pytest.mark.parametrize(("size", "unit", "minor"), [("100", "UAH", 10_000), ("33", "USD", 3_300), ("500", "JPY", 500)])
def test_a_sum_is_taken_in_a_currency(school, owner, staff, size, unit, minor):
    staff(owner).post("/green/coupons/new/", GOOD | {"size": size, "unit": unit})
    coupon = only(school)
    assert (coupon.kind, coupon.amount_minor, coupon.currency) == ("fixed", minor, unit)


@pytest.mark.spec("SEED-K: from the present moment until the date when the discount can be applied")
def test_a_day_alone_ends_with_that_day_in_the_schools_zone(school, owner, staff):
    school.time_zone = "Europe/Kyiv"
    school.save(update_fields=["time_zone"])
    client = staff(owner)
    assert "Times are those of Kyiv." in client.get("/green/coupons/new/").text
    client.post("/green/coupons/new/", GOOD | {"ends_at_day": "2030-12-31"})
    coupon = only(school)
    assert coupon.starts_at is None
    assert coupon.ends_at.isoformat() == "2030-12-31T22:00:00+00:00"


@pytest.mark.spec("SEED-K: Total Number of Uses – Define how often customers can use this coupon.")
@pytest.mark.spec("SEED-K: Number of Uses Per User – Specify how often each customer can use the discount.")
def test_both_limits_are_written_and_empty_is_unlimited(school, owner, staff):
    client = staff(owner)
    client.post("/green/coupons/new/", GOOD | {"max_uses": "100", "max_uses_per_contact": "2"})
    coupon = only(school)
    assert (coupon.max_uses, coupon.max_uses_per_contact) == (100, 2)
    client.post(f"/green/coupons/{coupon.token}/edit/", GOOD | {"max_uses": "", "max_uses_per_contact": ""})
    coupon = only(school)
    assert (coupon.max_uses, coupon.max_uses_per_contact) == (None, None)


@pytest.mark.spec("SEED-K: For a specific user — The coupon will only work for one selected user")
def test_a_personal_coupon_is_for_the_contact_with_that_email(school, owner, staff):
    person = ContactFactory(school=school, email="olha@example.test", name="Olha Kovalenko")
    client = staff(owner)
    assert "olha@example.test" in client.get("/green/coupons/people/?contact=kov").text
    refused = client.post("/green/coupons/new/", GOOD | {"audience": "contact", "contact": "nobody@example.test"})
    assert "No contact has this email" in refused.text
    client.post("/green/coupons/new/", GOOD | {"audience": "contact", "contact": " Olha@Example.test"})
    assert only(school).contact == person


@pytest.mark.spec("SEED-K: The coupon is available only to customers included in a specific list.")
def test_a_list_is_chosen_or_made_with_the_coupon(school, owner, staff):
    client = staff(owner)
    client.post("/green/coupons/new/", GOOD | {"audience": "list", "new_list": "Graduates"})
    coupon = only(school)
    assert coupon.contact_list.name == "Graduates"
    terms = GOOD | {"audience": "list", "contact_list": coupon.contact_list.token}
    client.post(f"/green/coupons/{coupon.token}/edit/", terms)
    with school_scope(school):
        assert ContactList.objects.count() == 1


@pytest.mark.spec("SEED-K: A coupon can also be linked to offers both during their creation and while editing")
def test_offers_are_chosen_when_made_and_when_edited(school, owner, staff):
    first, second = PublishedOfferFactory(school=school), PublishedOfferFactory(school=school)
    client = staff(owner)
    client.post("/green/coupons/new/", GOOD | {"reach": "chosen", "offers": [first.token]})
    coupon = only(school)
    client.post(f"/green/coupons/{coupon.token}/edit/", GOOD | {"reach": "chosen", "offers": [second.token]})
    with school_scope(school):
        assert [link.offer for link in coupon.coupon_offers.select_related("offer")] == [second]


@pytest.mark.spec("P5.1")
@pytest.mark.spec("SEED-K: some parameters may be locked to preserve the integrity of transaction data")
@pytest.mark.parametrize("forged", [{"size": "90"}, {"code": "OTHER"}, {"unit": "UAH"}, {"minimum": "5"}])
def test_a_used_coupon_shows_its_locks_and_refuses_a_forged_change(school, owner, staff, forged):
    coupon = CouponFactory(school=school, code="SPRING")
    with school_scope(school):
        Coupon.objects.update(is_used=True)
    client = staff(owner)
    page = client.get(f"/green/coupons/{coupon.token}/edit/")
    for name in ("code", "size", "unit", "minimum", "maximum"):
        assert page.context["form"].fields[name].disabled
    assert "Locked: this coupon has been used" in page.text
    refused = client.post(f"/green/coupons/{coupon.token}/edit/", GOOD | forged)
    assert refused.status_code == 200
    assert "Locked: this coupon has been used" in refused.text
    coupon = only(school)
    assert (coupon.percent_bp, coupon.minimum_minor) == (1_000, None)


def test_what_is_open_on_a_used_coupon_can_be_changed(school, owner, staff):
    coupon = CouponFactory(school=school, code="SPRING")
    with school_scope(school):
        Coupon.objects.update(is_used=True)
    sent = {"audience": "everyone", "reach": "all", "max_uses_per_contact": "1", "comment": "New note"}
    assert staff(owner).post(f"/green/coupons/{coupon.token}/edit/", sent).status_code == 302
    assert only(school).comment == "New note"


def test_the_look_beside_the_form_tells_prices_before_and_after_with_warnings(school, owner, staff):
    PublishedOfferFactory(school=school, title="Morning yoga", price_minor=19_999, currency="UAH")
    client = staff(owner)
    page = client.post("/green/coupons/look/", GOOD | {"ends_at_day": "2020-01-01"})
    assert "199.99" in page.text
    assert "179.99" in page.text
    assert "The end is in the past" in page.text
    page = client.post("/green/coupons/look/", GOOD | {"reach": "chosen"})
    assert "No offer is chosen" in page.text
    page = client.post("/green/coupons/look/", GOOD | {"size": "50", "code": "HALF"})
    assert "easy to guess" in page.text


def test_whether_a_code_is_free_is_told_while_typing(school, owner, staff):
    coupon = CouponFactory(school=school, code="SPRING")
    client = staff(owner)
    taken = client.get("/green/coupons/code/", {"code": " spring "}).text
    assert "Another coupon has this code." in taken
    assert f"/green/coupons/{coupon.token}/" in taken
    assert "SUMMER is free." in client.get("/green/coupons/code/", {"code": "summer"}).text
    assert "Another coupon has this code." in client.post("/green/coupons/new/", GOOD).text
