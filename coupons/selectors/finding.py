"""Which code did somebody type?"""

from collections.abc import Iterable

from coupons.codes import CodeRefused, code_key
from coupons.models import Coupon, CouponCode


def find_code(typed: str) -> CouponCode | None:
    """The code of the open scope's school that is meant, with its coupon; None for one that is unknown or no code."""
    key = _key(typed)
    if not key:
        return None
    return CouponCode.objects.select_related("coupon").filter(code_key=key).first()


def owners_of(typed: Iterable[str]) -> dict[str, Coupon]:
    """By their keys, the coupons that have one of these codes, archived ones included; one query."""
    keys = {_key(each) for each in typed} - {""}
    codes = CouponCode.objects.filter(code_key__in=keys).select_related("coupon")
    return {code.code_key: code.coupon for code in codes}


def _key(typed: str) -> str:
    try:
        return code_key(typed)
    except CodeRefused:
        return ""
