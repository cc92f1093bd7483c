from coupons.models.coupons import Coupon, CouponCode, CouponOffer
from coupons.models.imports import CouponImport, CouponImportLine
from coupons.models.redemptions import Redemption

__all__ = ["Coupon", "CouponCode", "CouponImport", "CouponImportLine", "CouponOffer", "Redemption"]
