-- A held use belongs to an unpaid order, a used one to a paid order, and a paid order has given none back but with a
-- refund that said so (I9).
SELECT r.school_id, r.id, r.state
FROM coupons_redemption r
LEFT JOIN orders_orderdiscount d ON (d.school_id, d.redemption_id) = (r.school_id, r.id)
LEFT JOIN orders_order o ON (o.school_id, o.id) = (d.school_id, d.order_id)
WHERE (r.state = 'held' AND o.state IS DISTINCT FROM 'pending' AND o.state IS DISTINCT FROM 'part_paid')
    OR (r.state = 'confirmed' AND (o.state IS NULL OR o.state NOT IN ('paid', 'part_refunded', 'refunded')))
    OR (
        r.state = 'released' AND o.state IN ('paid', 'part_refunded', 'refunded') AND d.amount_minor > 0
        AND NOT EXISTS (
            SELECT FROM orders_refund f
            JOIN orders_payment p ON (p.school_id, p.id) = (f.school_id, f.payment_id)
            WHERE (p.school_id, p.order_id) = (o.school_id, o.id) AND f.returns_coupon AND f.state = 'succeeded'
        )
    );
