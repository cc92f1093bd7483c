"""`{% load coupons %}{{ coupon|size_text }}`"""

from datetime import datetime

from django import template

from coupons import wording
from coupons.models import Coupon
from coupons.status import Action, actions_of

register = template.Library()


@register.filter
def size_text(coupon: Coupon) -> str:
    """The discount as people read it: "10%", "UAH 500"."""
    return wording.size_text(coupon)


@register.simple_tag
def coupon_actions(coupon: Coupon, at: datetime) -> frozenset[Action]:
    """What may be done with the coupon now (C30)."""
    return actions_of(coupon, at)
