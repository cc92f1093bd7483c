-- What a payment says was given back equals its refunds, and never exceeds what arrived.
SELECT p.school_id, p.id
FROM orders_payment p
LEFT JOIN orders_refund r ON (r.school_id, r.payment_id) = (p.school_id, p.id) AND r.state = 'succeeded'
WHERE p.state IN ('captured', 'part_refunded', 'refunded')
GROUP BY p.school_id, p.id
HAVING p.refunded_minor <> least(coalesce(sum(r.amount_minor), 0), p.amount_minor)
    OR (p.state = 'refunded') <> (p.refunded_minor >= p.amount_minor)
    OR (p.state = 'part_refunded') <> (p.refunded_minor > 0 AND p.refunded_minor < p.amount_minor);
