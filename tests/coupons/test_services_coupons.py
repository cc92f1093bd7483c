"""Coupons as the team makes and changes them: what no coupon says, and its limits."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from coupons.models import CouponOffer
from coupons.services import coupons as verbs
from coupons.services.coupons import CouponTerms, create_coupon, terms_in
from coupons.services.errors import ActionRefused, CodeTaken, LimitBelowUsed, TermsRefused
from kwiga import clock
from schools import search
from schools.models import Event, School
from schools.tenancy.scope import school_scope
from tests.factories.orders import sold_offer
from tests.support.coupon_verbs import act, change, fresh, kinds, make
from tests.support.coupons import with_coupon

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


GOOD = CouponTerms(code="SPRING", percent_bp=1_000)


# --- Making ---


def test_a_coupon_is_made_findable_and_told(school: School, owner: Any) -> None:
    offer, now = sold_offer(school), clock.now()
    terms = replace(GOOD, code="black friday", comment="For the poster", offer_ids=(offer.pk,), ends_at=now + DAY)
    with school_scope(school):
        coupon = create_coupon(terms=terms, actor=owner)
        code = coupon.codes.get()
        assert (code.code, code.code_key, coupon.created_by) == ("black friday", "BLACK-FRIDAY", owner)
        assert CouponOffer.objects.get().offer_id == offer.pk
        assert terms_in(coupon) == terms
        for typed in ("black", "poster"):
            (hits,) = search.found("coupon", typed)
            assert [row.object_id for row in hits] == [coupon.pk]
    assert kinds(school) == ["coupon.created"]


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("code", {"code": "!"}),
        ("percent_bp", {"percent_bp": 10_001}),
        ("percent_bp", {"percent_bp": 99}),
        ("percent_bp", {"percent_bp": None}),
        ("amount_minor", {"kind": "fixed", "percent_bp": None}),
        ("currency", {"kind": "fixed", "percent_bp": None, "amount_minor": 1}),
        ("currency", {"minimum_minor": 1}),
        ("kind", {"kind": "gift"}),
        ("max_uses", {"max_uses": 0}),
        ("max_uses_per_contact", {"max_uses_per_contact": 0}),
        ("audience", {"audience": "contact"}),
        ("contact_id", {"audience": "contact", "contact_id": 10**9}),
        ("contact_list_id", {"audience": "list", "contact_list_id": 10**9}),
        ("offer_ids", {"offer_ids": (10**9,)}),
    ],
)
def test_what_no_coupon_says(school: School, field: str, fields: dict[str, Any]) -> None:
    with school_scope(school), pytest.raises(TermsRefused) as refused:
        create_coupon(terms=replace(GOOD, **fields), actor=None)
    assert refused.value.field == field or (field, refused.value.field) == ("audience", "contact_id")


def test_it_ends_after_it_starts(school: School) -> None:
    now = clock.now()
    with school_scope(school), pytest.raises(TermsRefused, match="end"):
        create_coupon(terms=replace(GOOD, starts_at=now, ends_at=now), actor=None)


@pytest.mark.spec("P5.4: the code of an archived coupon is not taken again silently")
def test_a_code_is_taken_once_archived_ones_included(school: School, other_school: School) -> None:
    first = make(school)
    act("archive", first)
    with school_scope(school), pytest.raises(CodeTaken) as taken:
        create_coupon(terms=replace(GOOD, code=" spring "), actor=None)
    assert taken.value.coupon == first
    assert "archived" in str(taken.value).lower()
    assert make(other_school).pk != first.pk


# --- Changing ---


def test_a_change_names_its_fields_and_no_change_says_nothing(school: School) -> None:
    coupon = make(school)
    change(coupon, comment="new", percent_bp=2_000)
    change(coupon)
    with school_scope(school):
        assert [event.data for event in Event.objects.filter(kind="coupon.changed")] == [
            {"fields": ["comment", "percent_bp"]}
        ]


# --- Limits ---


@pytest.mark.spec("P5.2: a limit below what is used is refused")
def test_no_limit_goes_below_what_is_used(school: School) -> None:
    coupon, offer = make(school, max_uses=5, max_uses_per_contact=2), sold_offer(school)
    for _time in range(2):
        with_coupon(offer)
    for field in ("max_uses", "max_uses_per_contact"):
        with pytest.raises(LimitBelowUsed) as refused:
            change(fresh(coupon), **{field: 1})
        assert (refused.value.field, refused.value.used) == (field, 2)
    assert change(fresh(coupon), max_uses=2).max_uses == 2


def test_a_limit_set_later_counts_what_was_used_before(school: School) -> None:
    coupon, offer = make(school), sold_offer(school)
    for number in range(3):
        with_coupon(offer, email=f"s{number}@x.test")
    assert fresh(coupon).uses == 0
    with pytest.raises(LimitBelowUsed):
        change(fresh(coupon), max_uses=2)
    assert change(fresh(coupon), max_uses=4).uses == 3
    assert change(fresh(coupon), max_uses=None).uses == 0


def test_an_offer_ticks_and_unticks_a_coupon(school: School) -> None:
    offer, coupon = sold_offer(school), make(school, for_all_offers=False)
    with school_scope(school):
        for is_linked in (True, True, False):
            verbs.link_offer(coupon=coupon, offer=offer, is_linked=is_linked, actor=None)
            assert CouponOffer.objects.exists() == is_linked
    assert kinds(school) == ["coupon.created", "coupon.changed", "coupon.changed"]
    with school_scope(school), pytest.raises(ActionRefused):
        verbs.link_offer(coupon=make(school, code="ALL"), offer=offer, is_linked=True, actor=None)
