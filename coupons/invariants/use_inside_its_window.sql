-- A coupon was used inside its window as it was then, and a use that counts is locked in its coupon (I10).
SELECT r.school_id, r.id
FROM coupons_redemption r
JOIN coupons_coupon c ON (c.school_id, c.id) = (r.school_id, r.coupon_id)
WHERE r.created_at < r.starts_at OR r.created_at >= r.ends_at
    OR (r.state IN ('held', 'confirmed') AND NOT c.is_used);
