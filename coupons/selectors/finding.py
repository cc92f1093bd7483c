"""Which code did somebody type?"""

from coupons.codes import CodeRefused, code_key
from coupons.models import CouponCode


def find_code(typed: str) -> CouponCode | None:
    """The code of the open scope's school that is meant, with its coupon; None for one that is unknown or no code."""
    try:
        key = code_key(typed)
    except CodeRefused:
        return None
    return CouponCode.objects.select_related("coupon").filter(code_key=key).first()
