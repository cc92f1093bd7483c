"""The dashboard of coupons, held to the words of its article."""

import pytest

from contacts.models import ContactList
from coupons.models import Coupon, CouponCode
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory, list_of
from tests.factories.offers import PublishedOfferFactory

GOOD = {
    "code": "SPRING",
    "size": "10",
    "unit": "percent",
    "audience": "everyone",
    "reach": "all",
    "max_uses_per_contact": "1",
    "save": "live",
}


def only(school) -> Coupon:
    with school_scope(school):
        return Coupon.objects.select_related("contact", "contact_list").get()


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


@pytest.mark.spec("SEED-K: you can edit or delete coupons using the corresponding buttons")
def test_a_line_of_the_list_edits_and_deletes(school, owner, staff):
    coupon = CouponFactory(school=school, code="SPRING")
    client = staff(owner)
    page = client.get("/green/coupons/").text
    assert f'href="/green/coupons/{coupon.token}/edit/"' in page
    assert f'formaction="/green/coupons/{coupon.token}/moves/delete/"' in page
    client.post(f"/green/coupons/{coupon.token}/moves/delete/")
    with school_scope(school):
        assert not Coupon.objects.exists()


def test_what_was_deleted_comes_back_by_undo(school, owner, staff):
    coupon = CouponFactory(school=school, code="SPRING")
    client = staff(owner)
    page = client.post(f"/green/coupons/{coupon.token}/moves/delete/", follow=True)
    undo = page.text.partition('action="/green/coupons/undo/')[2].partition('"')[0]
    client.post(f"/green/coupons/undo/{undo}")
    assert only(school).token == coupon.token
    again = client.post(f"/green/coupons/undo/{undo}", follow=True)
    assert again.status_code == 200


def test_an_undo_of_somebody_else_or_made_up_does_nothing(school, owner, staff):
    coupon = CouponFactory(school=school, code="SPRING")
    client = staff(owner)
    page = client.post(f"/green/coupons/{coupon.token}/moves/pause/", follow=True)
    undo = page.text.partition('action="/green/coupons/undo/')[2].partition('"')[0]
    other = staff(_admin(school))
    assert "cannot be undone" in other.post(f"/green/coupons/undo/{undo}", follow=True).text
    assert "cannot be undone" in client.post("/green/coupons/undo/made-up/", follow=True).text
    assert only(school).paused_at is not None
    client.post(f"/green/coupons/undo/{undo}")
    assert only(school).paused_at is None


def _admin(school):
    from tests.factories.schools import MemberFactory

    return MemberFactory(school=school, role="admin").user


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


@pytest.mark.spec("SEED-K: append ?coupon=coupon_name to the offer link")
def test_the_page_of_a_coupon_shares_a_link_for_each_offer_and_its_qr_code(school, owner, staff):
    offer = PublishedOfferFactory(school=school, title="Morning yoga")
    coupon = CouponFactory(school=school, code="SPRING")
    client = staff(owner)
    page = client.get(f"/green/coupons/{coupon.token}/").text
    assert f"http://green.localhost:8000/o/{offer.token}?coupon=SPRING" in page
    assert "<svg" in page
    png = client.get(f"/green/coupons/{coupon.token}/qr/{offer.token}/")
    assert png.content.startswith(b"\x89PNG")
    assert client.get(f"/green/coupons/{coupon.token}/qr/{offer.token}/?kind=svg").content.startswith(b"<?xml")


@pytest.mark.spec("P4.3")
def test_a_comment_is_in_no_page_of_the_store(school, visitor):
    offer = PublishedOfferFactory(school=school)
    CouponFactory(school=school, code="SPRING", comment="Only for the posters in Lviv")
    assert "posters in Lviv" not in visitor(school).get(f"/o/{offer.token}?coupon=SPRING").text


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


def test_many_are_paused_at_once_and_those_that_cannot_be_are_left(school, owner, staff):
    first, second = CouponFactory(school=school), CouponFactory(school=school, is_draft=True)
    client = staff(owner)
    sent = {"coupon": [first.token, second.token], "do": "pause"}
    assert "1 coupon is changed." in client.post("/green/coupons/changes/", sent, follow=True).text
    asked = client.post("/green/coupons/changes/", sent | {"do": "archive"})
    assert "Archive the coupons?" in asked.text
    client.post("/green/coupons/changes/", sent | {"do": "archive", "confirm": "1"})
    with school_scope(school):
        assert not Coupon.objects.filter(archived_at=None).exists()


def test_the_team_reads_why_a_code_does_not_work_and_where_to_change_it(school, owner, staff):
    offer = PublishedOfferFactory(school=school, title="Morning yoga")
    person = ContactFactory(school=school, name="Ivan", email="ivan@example.test")
    group = list_of(school, name="Graduates")
    coupon = CouponFactory(school=school, code="GRADS", audience="list", contact_list_id=group.pk)
    client = staff(owner)
    asked = {"code": "grads", "offer": offer.token, "email": person.email}
    page = client.get("/green/coupons/check/", asked).text
    assert "The code does not work: one rule says no" in page
    assert f"/green/contacts/lists/{group.token}/?q=ivan%40example.test" in page
    client.post(f"/green/contacts/lists/{group.token}/people/", {"contact": [person.token]})
    assert "The code works" in client.get("/green/coupons/check/", asked).text
    client.post(f"/green/coupons/{coupon.token}/moves/pause/")
    page = client.get("/green/coupons/check/", asked).text
    assert f"/green/coupons/{coupon.token}/moves/resume/" in page
    assert "No coupon of this school has the code" in client.get("/green/coupons/check/", asked | {"code": "X1"}).text


@pytest.mark.spec("SEED-K: in the offer settings, you can specify which coupons apply to it")
def test_coupons_are_ticked_from_the_side_of_the_offer(school, owner, staff):
    offer = PublishedOfferFactory(school=school)
    everywhere = CouponFactory(school=school, code="SPRING")
    chosen = CouponFactory(school=school, code="CHOSEN", for_all_offers=False)
    client = staff(owner)
    address = f"/green/offers/{offer.token}/coupons/"
    assert f'href="{address}"' in client.get(f"/green/offers/{offer.token}/").text
    page = client.get(address).text
    assert f'id="fixed-{everywhere.token}" checked disabled' in " ".join(page.split())
    client.post(address, {"shown": [chosen.token, everywhere.token], "coupon": [chosen.token]})
    with school_scope(school):
        assert [link.offer for link in chosen.coupon_offers.select_related("offer")] == [offer]
        assert not everywhere.coupon_offers.exists()
    client.post(address, {"shown": [chosen.token]})
    with school_scope(school):
        assert not chosen.coupon_offers.exists()


def test_who_may_only_look_ticks_nothing(school, teammate, staff):
    offer = PublishedOfferFactory(school=school)
    chosen = CouponFactory(school=school, for_all_offers=False)
    staff(teammate).post(f"/green/offers/{offer.token}/coupons/", {"shown": [chosen.token], "coupon": [chosen.token]})
    with school_scope(school):
        assert not chosen.coupon_offers.exists()
