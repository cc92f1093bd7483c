"""Around one coupon: its links and QR codes, its offers, its comment, and why it does not work."""

import pytest

from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory, list_of
from tests.factories.offers import PublishedOfferFactory


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
