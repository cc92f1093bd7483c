from coupons.models.coupons import Coupon, CouponCode, CouponOffer
from coupons.models.redemptions import Redemption

__all__ = ["Coupon", "CouponCode", "CouponOffer", "Redemption"]
