-- An order counts as paid exactly when captured money that counts covers its total; a closed order holds no money that
-- nobody looks at (I6).
SELECT o.school_id, o.id
FROM orders_order o
LEFT JOIN orders_payment p ON (p.school_id, p.order_id) = (o.school_id, o.id)
    AND p.state IN ('captured', 'part_refunded', 'refunded') AND p.review_reason = ''
WHERE o.state NOT IN ('canceled', 'expired')
GROUP BY o.school_id, o.id
HAVING (o.state IN ('paid', 'part_refunded', 'refunded')) <> (
    coalesce(sum(p.amount_minor - CASE WHEN o.paid_at IS NULL THEN p.refunded_minor ELSE 0 END), 0) >= o.total_minor
)
UNION ALL
SELECT o.school_id, o.id
FROM orders_order o
JOIN orders_payment p ON (p.school_id, p.order_id) = (o.school_id, o.id)
WHERE o.state IN ('canceled', 'expired')
    AND p.state IN ('captured', 'part_refunded') AND p.refunded_minor < p.amount_minor
    AND p.needs_review_at IS NULL
UNION ALL
SELECT p.school_id, p.order_id
FROM orders_payment p
WHERE p.review_reason <> '' AND p.needs_review_at IS NULL AND p.state <> 'refunded';
