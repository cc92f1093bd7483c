-- The counter of a coupon with a total limit equals its held and confirmed uses (I2).
SELECT c.school_id, c.id
FROM coupons_coupon c
LEFT JOIN coupons_redemption r ON (r.school_id, r.coupon_id) = (c.school_id, c.id) AND r.state IN ('held', 'confirmed')
WHERE c.max_uses IS NOT NULL
GROUP BY c.school_id, c.id
HAVING c.uses <> count(r.id);
