-- An order that was never paid has opened nothing.
SELECT o.school_id, o.id, a.id
FROM orders_order o
JOIN orders_orderaccess a ON (a.school_id, a.order_id) = (o.school_id, o.id)
WHERE o.state NOT IN ('paid', 'part_refunded', 'refunded');
