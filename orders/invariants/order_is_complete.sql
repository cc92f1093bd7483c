-- Every order that a buyer was told of is whole: a line, a pay link, an event of the journal, and an end (I15).
SELECT o.school_id, o.id
FROM orders_order o
WHERE NOT EXISTS (SELECT FROM orders_orderline l WHERE (l.school_id, l.order_id) = (o.school_id, o.id))
    OR o.pay_digest !~ '^[0-9a-f]{64}$'
    OR (o.state = 'pending' AND o.expires_at IS NULL)
    OR NOT EXISTS (
        SELECT FROM schools_event e
        WHERE e.school_id = o.school_id AND e.kind = 'order.placed'
            AND e.subject_kind = 'order' AND e.subject_id = o.id
    );
