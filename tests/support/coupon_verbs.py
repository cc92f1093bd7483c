"""A coupon, and what the team does with it."""

from dataclasses import replace
from typing import Any

from coupons.models import Coupon
from coupons.services import coupons as verbs
from coupons.services.coupons import change_coupon, terms_in
from schools.models import Event, School
from schools.tenancy.scope import school_scope
from tests.factories.coupons import CouponFactory
from tests.factories.orders import sold_offer
from tests.support.coupons import with_coupon


def make(school: School, **fields: Any) -> Coupon:
    return CouponFactory(school=school, **({"code": "SPRING"} | fields))


def used(school: School, **fields: Any) -> Coupon:
    coupon = make(school, **fields)
    with_coupon(sold_offer(school))
    return fresh(coupon)


def fresh(coupon: Coupon) -> Coupon:
    with school_scope(coupon.school_id):
        return Coupon.objects.get(pk=coupon.pk)


def change(coupon: Coupon, **fields: Any) -> Coupon:
    with school_scope(coupon.school_id):
        now = Coupon.objects.get(pk=coupon.pk)
        return change_coupon(coupon=coupon, terms=replace(terms_in(now), **fields), actor=None)


def act(name: str, coupon: Coupon, **said: Any) -> Any:
    with school_scope(coupon.school_id):
        return getattr(verbs, f"{name}_coupon")(coupon=coupon, actor=None, **said)


def kinds(school: School) -> list[str]:
    with school_scope(school):
        return list(Event.objects.filter(kind__startswith="coupon.").order_by("id").values_list("kind", flat=True))
