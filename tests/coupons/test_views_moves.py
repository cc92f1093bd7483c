"""What is done with a coupon from its line, with many at once, and the way back."""

import pytest

from coupons.models import Coupon
from schools.tenancy.scope import school_scope
from tests.factories.coupons import CouponFactory
from tests.factories.schools import MemberFactory
from tests.support.coupon_pages import only


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
    return MemberFactory(school=school, role="admin").user


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
