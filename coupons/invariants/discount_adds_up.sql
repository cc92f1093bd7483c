-- The discount of an order is the sum of its coupons, and what a coupon gave is the sum of its lines' shares (I4).
SELECT o.school_id, o.id
FROM orders_order o
LEFT JOIN orders_orderdiscount d ON (d.school_id, d.order_id) = (o.school_id, o.id)
GROUP BY o.school_id, o.id
HAVING o.discount_minor <> coalesce(sum(d.amount_minor), 0)
UNION ALL
SELECT d.school_id, d.order_id
FROM orders_orderdiscount d
JOIN coupons_redemption r ON (r.school_id, r.id) = (d.school_id, d.redemption_id)
LEFT JOIN orders_orderlinediscount s ON (s.school_id, s.discount_id) = (d.school_id, d.id)
GROUP BY d.school_id, d.order_id, d.id, r.amount_minor
HAVING d.amount_minor <> coalesce(sum(s.amount_minor), 0) OR d.amount_minor <> r.amount_minor;
