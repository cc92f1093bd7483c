"""Under which words coupons are found (schools.search)."""

from coupons.models import Coupon

SEARCH_KIND = "coupon"


def words_about(coupon: Coupon, code: str) -> tuple[str, ...]:
    """The texts whose words lead to the coupon: its code, the comment, and whom it is for."""
    people = (coupon.contact.email, coupon.contact.name) if coupon.contact else ()
    group = (coupon.contact_list.name,) if coupon.contact_list else ()
    return code, coupon.comment, *people, *group
