-- Nobody uses a coupon more often than each may, and a personal one was used by its person alone (I3). When contacts are
-- merged, each use keeps who used it then ("used_by"): two persons may have used it, who only later were known as one.
SELECT r.school_id, r.coupon_id, coalesce((r.snapshot ->> 'used_by')::bigint, r.contact_id)
FROM coupons_redemption r
JOIN coupons_coupon c ON (c.school_id, c.id) = (r.school_id, r.coupon_id)
WHERE r.state IN ('held', 'confirmed')
GROUP BY r.school_id, r.coupon_id, coalesce((r.snapshot ->> 'used_by')::bigint, r.contact_id), c.max_uses_per_contact
HAVING count(*) > c.max_uses_per_contact
UNION ALL
SELECT school_id, coupon_id, contact_id
FROM coupons_redemption
WHERE (snapshot ->> 'contact')::bigint <> coalesce((snapshot ->> 'used_by')::bigint, contact_id);
