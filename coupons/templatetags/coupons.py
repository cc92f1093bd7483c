"""`{% load coupons %}{{ coupon|size_text }}`"""

from datetime import datetime

from django import template

from coupons import wording
from coupons.models import Coupon
from coupons.status import Action, may

register = template.Library()


@register.filter
def size_text(coupon: Coupon) -> str:
    """The discount as people read it: "10%", "UAH 500"."""
    return wording.size_text(coupon)


@register.simple_tag
def coupon_actions(coupon: Coupon, at: datetime) -> set[str]:
    """What may be done with the coupon now (C30)."""
    return {str(action) for action in Action if may(coupon, action, at)}
