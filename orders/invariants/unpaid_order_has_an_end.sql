-- An unpaid order, and a seat held by one, has an outbox row that will look at its end.
SELECT o.school_id, o.id
FROM orders_order o
WHERE o.state = 'pending' AND (
    NOT EXISTS (
        SELECT FROM schools_outbox x
        WHERE x.school_id = o.school_id AND x.kind = 'order_expiry' AND x.done_at IS NULL
            AND x.payload @> jsonb_build_object('order', o.id)
    )
    OR (o.seat = 'held' AND NOT EXISTS (
        SELECT FROM schools_outbox x
        WHERE x.school_id = o.school_id AND x.kind = 'order_hold' AND x.done_at IS NULL
            AND x.payload @> jsonb_build_object('order', o.id)
    ))
);
