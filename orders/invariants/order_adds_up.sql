-- The total of an order is its subtotal less the discount, and its lines add up to it (I4).
SELECT o.school_id, o.id
FROM orders_order o
LEFT JOIN orders_orderline l ON (l.school_id, l.order_id) = (o.school_id, o.id)
GROUP BY o.school_id, o.id
HAVING o.total_minor <> o.subtotal_minor - o.discount_minor
    OR o.total_minor < 0
    OR o.discount_minor NOT BETWEEN 0 AND o.subtotal_minor
    OR coalesce(sum(l.total_minor), 0) <> o.total_minor
    OR coalesce(sum(l.discount_minor), 0) <> o.discount_minor
    OR bool_or(l.total_minor <> l.price_minor - l.discount_minor);
