"""The verbs of coupons for everybody else."""

from coupons.services.creating import create_coupon, create_coupons
from coupons.services.moves import (
    archive_coupon,
    delete_coupon,
    end_coupon,
    extend_coupon,
    pause_coupon,
    publish_coupon,
    resume_coupon,
    undo_delete,
    undo_extension,
)
from coupons.services.terms import CouponTerms, terms_in
from coupons.services.writing import change_coupon, link_offer

__all__ = [
    "CouponTerms",
    "archive_coupon",
    "change_coupon",
    "create_coupon",
    "create_coupons",
    "delete_coupon",
    "end_coupon",
    "extend_coupon",
    "link_offer",
    "pause_coupon",
    "publish_coupon",
    "resume_coupon",
    "terms_in",
    "undo_delete",
    "undo_extension",
]
