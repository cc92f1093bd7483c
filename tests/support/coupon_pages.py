"""What the form of a coupon sends, and what it made."""

from coupons.models import Coupon
from schools.tenancy.scope import school_scope

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
