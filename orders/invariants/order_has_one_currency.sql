-- Money that counts for an order is in the currency of the order (I5).
SELECT o.school_id, o.id, p.id
FROM orders_order o
JOIN orders_payment p ON (p.school_id, p.order_id) = (o.school_id, o.id)
WHERE p.currency <> o.currency AND p.review_reason = '';
