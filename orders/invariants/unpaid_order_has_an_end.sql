-- An unpaid order, and a seat or coupon held by one, has an outbox row that will look at its end.
SELECT o.school_id, o.id
FROM orders_order o
WHERE o.state = 'pending' AND (
    NOT EXISTS (
        SELECT FROM schools_outbox x
        WHERE x.school_id = o.school_id AND x.kind = 'order_expiry' AND x.done_at IS NULL
            AND x.payload @> jsonb_build_object('order', o.id)
    )
    OR ((o.seat = 'held' OR EXISTS (
        SELECT FROM orders_orderdiscount d
        JOIN coupons_redemption r ON (r.school_id, r.id) = (d.school_id, d.redemption_id)
        WHERE (d.school_id, d.order_id) = (o.school_id, o.id) AND r.state = 'held'
    )) AND NOT EXISTS (
        SELECT FROM schools_outbox x
        WHERE x.school_id = o.school_id AND x.kind = 'order_hold' AND x.done_at IS NULL
            AND x.payload @> jsonb_build_object('order', o.id)
    ))
);
