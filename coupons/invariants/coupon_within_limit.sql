-- No coupon is held and used more often than its limit (I1).
SELECT c.school_id, c.id
FROM coupons_coupon c
JOIN coupons_redemption r ON (r.school_id, r.coupon_id) = (c.school_id, c.id) AND r.state IN ('held', 'confirmed')
GROUP BY c.school_id, c.id
HAVING count(*) > c.max_uses;
